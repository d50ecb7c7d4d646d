module wire-format-v2

go 1.26
