package main

import "strings"

func byteStrings() map[string][]byte {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	return map[string][]byte{
		"every byte":          every,
		"nothing":             {},
		"a zero":              {0},
		"newlines":            []byte("a\r\nb\n\nc\r"),
		"broken UTF-8":        {0xc3, 0x28, 0xe2, 0x82, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0, 0x80},
		"a byte order mark":   []byte("\ufefftext"),
		"markup":              []byte(`<a href="x">&'"\</a>` + "\u2028\u2029"),
		"template text":       []byte(`{{ .word }}{{ fail "x" }}`),
		"a private key":       []byte("-----BEGIN TEST-----\nAAEC\n-----END TEST-----\n"),
		"combining marks":     []byte("e\u0301 \U0001F468\u200d\U0001F469\u200d\U0001F467 \u202Eabc"),
		"random":              {0x8f, 0x13, 0xd2, 0x00, 0x41, 0x9c, 0xfe, 0x7a, 0x5b, 0xe1, 0x22, 0xc0},
		"JSON":                []byte(`{"k":"\u00e9\ud83d","n":1e400}`),
		"digits with a space": []byte(" 12 "),
	}
}

func byteCases() []kase {
	expressions := strings.Split(`.v;.v | len;.v | quote;.v | squote;.v | b64enc;.v | b64enc | b64dec;.v | b32enc;.v | b32enc | b32dec;
.v | upper;.v | lower;.v | title;.v | trim;.v | nospace;.v | sha1sum;.v | sha256sum;.v | sha512sum;.v | adler32sum;.v | toJson;
.v | toRawJson;.v | toPrettyJson;.v | html;.v | js;.v | urlquery;printf "%q" .v;printf "%x" .v;printf "%s" .v;printf "%v" .v;
printf "%c" (index .v 0);index .v 0;slice .v 1;slice .v 0 1;.v | trunc 3;.v | trunc -3;.v | substr 1 4;.v | indent 2;.v | nindent 2;
.v | replace "\n" "|";splitList "\n" .v | join ",";.v | reverse;.v | swapcase;.v | snakecase;.v | camelcase;.v | kebabcase;
.v | initials;.v | abbrev 5;.v | wrap 3;.v | repeat 2;regexFindAll "." .v -1 | len;regexReplaceAll "[^a-z]" .v "_";.v | fromJson;
.v | atoi;.v | int;.v | toDecimal;eq .v "";.v | default "d";.v | toString | len;range $i, $c := .v;printf "%T" .v;dict .v 1;
list .v .v | uniq | len;.v | trimAll "\n ";hasPrefix "a" .v;contains "\x00" .v;.v | urlParse | toJson;.v | regexQuoteMeta;.v | ext;
.v | base;.v | untitle;.v | plural "a" "b";.v | semver;.v | htmlDate | len;decryptAES "key" .v`, ";")
	var cases []kase
	for name, v := range byteStrings() {
		for _, expression := range expressions {
			text := "{{ " + strings.TrimSpace(expression) + " }}"
			if strings.HasPrefix(expression, "range") {
				text += "{{ $i }}={{ $c }},{{ end }}"
			}
			cases = append(cases, kase{name, text, map[string][]byte{"v": v}})
		}
	}
	return sorted(cases)
}
