module fuin.dev/pause

go 1.26.0
