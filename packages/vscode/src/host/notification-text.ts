/**
 * The text of a notification. It names files, objects and items, which strangers name, and never a value. VS
 * Code makes a link of `[words](command:...)` there, and the link runs the command with arguments. So no text
 * of ours has that form.
 */
export function notificationText(text: string): string {
  return `Kubeseal: ${text.replaceAll('](', '] (')}`;
}
