package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// cronField is one field of a cron expression.
type cronField struct {
	name     string
	from, to int
	names    []string // of the values from from on; nil: numbers alone
	extra    func(item string) bool
}

var (
	months   = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	weekdays = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

func cronFields() []cronField {
	return []cronField{
		{name: "minute", from: 0, to: 59},
		{name: "hour", from: 0, to: 23},
		{name: "day of the month", from: 1, to: 31, extra: lastOrWorkday},
		{name: "month", from: 1, to: 12, names: months},
		{name: "day of the week", from: 1, to: 7, names: weekdays, extra: lastOrNth}, // 1 is Sunday
	}
}

// checkCron tells what is wrong with a cron expression; nil: nothing is.
func checkCron(text string) error {
	given := strings.Fields(text)
	fields := cronFields()
	if len(given) != len(fields) {
		return badRequest(10100, "invalid cron string: %s (it has %d fields, and should have %d)", text, len(given), len(fields))
	}
	for i, field := range fields {
		for item := range strings.SplitSeq(strings.ToUpper(given[i]), ",") {
			if why := field.check(item); why != "" {
				return badRequest(10100, "invalid cron string: %s (%s: %s)", text, field.name, why)
			}
		}
	}
	return nil
}

// check tells what is wrong with one item of a field; empty: nothing is.
func (f *cronField) check(item string) string {
	if f.extra != nil && f.extra(item) {
		return ""
	}
	span, step, stepped := strings.Cut(item, "/")
	if n, err := strconv.Atoi(step); stepped && (err != nil || n < 1) {
		return fmt.Sprintf("the step %q is no number from 1", step)
	}
	if span == "*" {
		return ""
	}
	first, last, ranged := strings.Cut(span, "-")
	from, ok := f.value(first)
	if !ok {
		return fmt.Sprintf("%q is not one of %d to %d", first, f.from, f.to)
	}
	if !ranged {
		return ""
	}
	to, ok := f.value(last)
	if !ok {
		return fmt.Sprintf("%q is not one of %d to %d", last, f.from, f.to)
	}
	if to < from {
		return fmt.Sprintf("%q ends before it begins", span)
	}
	return ""
}

func (f *cronField) value(text string) (int, bool) {
	if i := slices.Index(f.names, text); i >= 0 {
		return f.from + i, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= f.from && n <= f.to && strings.Trim(text, "0123456789") == ""
}

// lastOrWorkday takes "L", "LW" and "15W".
func lastOrWorkday(item string) bool {
	day, ok := strings.CutSuffix(item, "W")
	if item == "L" || ok && day == "L" {
		return true
	}
	n, err := strconv.Atoi(day)
	return ok && err == nil && n >= 1 && n <= 31
}

// lastOrNth takes "L", "6L", "FRIL" and "6#2".
func lastOrNth(item string) bool {
	f := cronField{from: 1, to: 7, names: weekdays}
	if day, ok := strings.CutSuffix(item, "L"); ok {
		_, known := f.value(day)
		return day == "" || known
	}
	day, nth, ok := strings.Cut(item, "#")
	_, known := f.value(day)
	n, err := strconv.Atoi(nth)
	return ok && known && err == nil && n >= 1 && n <= 5
}
