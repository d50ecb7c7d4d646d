import { describe, expect, it } from 'vitest';
import { useWorld } from '../support/use-world.ts';

const holder = useWorld();

/** Templates that would hang, exhaust or kill an engine without limits. */
const ABUSIVE = [
  '{{ range until 100000000 }}x{{ end }}',
  '{{ repeat 1000000000 "x" }}',
  '{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" . }}',
  '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toJson $d }}',
  '{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}',
  '{{ range until 1000 }}{{ range until 1000 }}{{ range until 1000 }}{{ end }}{{ end }}{{ end }}',
  '{{ $s := "x" }}{{ range until 64 }}{{ $s = print $s $s }}{{ end }}{{ $s }}',
  '{{ regexMatch "(a+)+$" (repeat 100000 "a") }}{{ range until 9999999 }}{{ end }}',
  '{{ range $i := until 10000000 }}{{ sha256sum "x" }}{{ end }}',
  '{{ range until 10000000 }}{{ genPrivateKey "rsa" }}{{ end }}',
  '{{ derivePassword 1 "long" "x" "y" "z" }}{{ range until 1000000 }}{{ derivePassword 1 "long" "x" "y" "z" }}{{ end }}',
  '{{ list 1 2 3 | toJson | repeat 100000000 }}',
  '{{ printf "%1000000000d" 1 }}',
  '{{ printf "%.1000000000f" 1.0 }}',
  '{{ until 2000000000 }}',
  '{{ untilStep 0 2000000000 1 }}',
  '{{ randAlphaNum 2000000000 }}',
  '{{ indent 1000000000 "x" }}',
  '{{ wrapWith 1 "xxxxxxxxxxxxxxxxxxxxxxxxxx" (repeat 10000000 "x ") }}',
  '{{ join (repeat 1000000 "x") (until 10000000) }}',
  `${'{{ if true }}'.repeat(20_000)}`,
  '{{ $l := list }}{{ range until 1000000 }}{{ $l = append $l . }}{{ end }}',
];

describe('abusive templates of one tenant', () => {
  it('are contained, and the object of another tenant is opened long before the last of them is given up', async () => {
    const { world } = holder;
    const [evil, good] = [await world.namespace(), await world.namespace()];
    const warm = await world.seal({ namespace: good, name: 'warm' }, { a: '1' });
    await world.apply(warm);
    await world.untilItem(good, 'warm', ['a', '1']);
    const sealed = await Promise.all(
      ABUSIVE.map((_, index) => world.seal({ namespace: evil, name: `evil-${index}` }, { a: '1' })),
    );
    for (const [index, each] of sealed.entries()) {
      const spec = each['spec'] as { template: Record<string, unknown> };
      spec.template = { ...spec.template, data: { x: ABUSIVE[index] } };
      await world.apply(each);
    }
    const plain = await world.seal({ namespace: good, name: 'plain' }, { a: 'plain' });
    await world.apply(plain);
    await world.untilItem(good, 'plain', ['a', 'plain']);
    const { items } = await world.client.list(`/apis/bitnami.com/v1alpha1/namespaces/${evil}/sealedsecrets`);
    expect(items.filter((each) => each['status']).length).toBeLessThan(ABUSIVE.length / 2);
    const templated = await world.seal({ namespace: good, name: 'templated' }, { a: 'templated' });
    (templated['spec'] as { template: Record<string, unknown> }).template['data'] = { x: '{{ .a | upper }}' };
    await world.apply(templated);
    await world.untilItem(good, 'templated', ['x', 'TEMPLATED']);
    expect((await fetch(`${world.controller.url}/healthz`)).status).toBe(200);
  });
});
