package main

import "strings"

// dateCases use fixed moments only: a number, or a date that was parsed.
func dateCases() []kase {
	moments := []string{
		`0`, `1700000000`, `(int64 1700000000)`, `(int 86399)`, `(toDate "2006-01-02" "2024-02-29")`,
		`(toDate "2006-01-02T15:04:05Z07:00" "2024-07-01T12:34:56+02:00")`, `(toDate "2006-01-02" "no date")`,
	}
	layouts := []string{`"2006-01-02"`, `"Mon Jan _2 15:04:05 2006 MST"`, `"3:04PM"`, `"02.01.06 -0700"`, `""`, `.canary`}
	zones := []string{`"UTC"`, `"Europe/Berlin"`, `"Asia/Tokyo"`, `"America/New_York"`, `"No/Zone"`, `""`, `"Local"`}
	var cases []kase
	for _, moment := range moments {
		for _, layout := range layouts {
			cases = append(cases, all("{{ date "+layout+" "+moment+" }}", "{{ "+moment+" | date "+layout+" }}")...)
			for _, zone := range zones {
				cases = append(cases, all("{{ dateInZone "+layout+" "+moment+" "+zone+" }}", "{{ date_in_zone "+layout+" "+moment+" "+zone+" }}")...)
			}
		}
		for _, zone := range zones {
			cases = append(cases, simple("{{ htmlDateInZone "+moment+" "+zone+" }}"))
		}
		cases = append(cases, all("{{ htmlDate "+moment+" }}", "{{ "+moment+" | unixEpoch }}", "{{ "+moment+" | toJson }}", "{{ "+moment+" }}")...)
		for _, step := range []string{`"1h"`, `"-36h5m"`, `"1d"`, `""`, `.canary`} {
			for _, name := range strings.Fields("dateModify date_modify mustDateModify must_date_modify") {
				cases = append(cases, simple("{{ "+moment+" | "+name+" "+step+" }}"))
			}
		}
	}
	for _, text := range []string{`"95"`, `95`, `"1h30m"`, `"2400h10m5s"`, `1.5`, `nil`, `.canary`, `"-1s"`, `(int64 3600)`} {
		cases = append(cases, all("{{ duration "+text+" }}", "{{ durationRound "+text+" }}", "{{ mustToDate \"2006\" "+text+" }}")...)
	}
	return cases
}
