package api

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sundog-edge/sundog/edge/worker/version"
	project "github.com/sundog-edge/sundog/edge/worker/wrangler"
	"github.com/sundog-edge/sundog/edge/world"
)

func TestCronExpressions(t *testing.T) {
	for text, want := range map[string]string{
		"* * * * *":                "",
		"*/5 0-6/2 1,15 JAN-mar 1": "",
		"0 0 L * *":                "",
		"0 0 LW * *":               "",
		"0 0 15W * *":              "",
		"0 0 * * FRI#2":            "",
		"0 0 * * friL":             "",
		"0 0 * * mon-fri":          "",
		"5/10 * * * *":             "",
		"":                         "it has 0 fields, and should have 5",
		"hourly":                   "it has 1 fields, and should have 5",
		"* * * * * *":              "it has 6 fields, and should have 5",
		"60 * * * *":               `minute: "60" is not one of 0 to 59`,
		"* 24 * * *":               `hour: "24" is not one of 0 to 23`,
		"* * 0 * *":                `day of the month: "0" is not one of 1 to 31`,
		"* * 32W * *":              `day of the month: "32W" is not one of 1 to 31`,
		"* * * 13 *":               `month: "13" is not one of 1 to 12`,
		"* * * * 0":                `day of the week: "0" is not one of 1 to 7`,
		"* * * * SUNDAY":           `day of the week: "SUNDAY" is not one of 1 to 7`,
		"* * * * 2#6":              `"2#6" is not one of 1 to 7`,
		"*/0 * * * *":              `minute: the step "0" is no number from 1`,
		"*/x * * * *":              `minute: the step "X" is no number from 1`,
		"30-10 * * * *":            `minute: "30-10" ends before it begins`,
		"1-99 * * * *":             `minute: "99" is not one of 0 to 59`,
		"1,,2 * * * *":             `minute: "" is not one of 0 to 59`,
		"+1 * * * *":               `minute: "+1" is not one of 0 to 59`,
		"L * * * *":                `minute: "L" is not one of 0 to 59`,
	} {
		err := checkCron(text)
		switch {
		case want == "" && err != nil, want != "" && err == nil:
			t.Errorf("%q: %v", text, err)
		case want != "" && !strings.Contains(err.Error(), want):
			t.Errorf("%q: want %q in %q", text, want, err)
		}
	}
}

func FuzzCron(f *testing.F) {
	for _, text := range []string{"* * * * *", "*/5 1-2/3 L,15W JAN FRI#2", "0 0 LW * 6L"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if err := checkCron(text); err == nil && len(strings.Fields(text)) != 5 {
			t.Errorf("%q passes", text)
		}
	})
}

// The schedules of a Worker that is a folder are those that were put, until others are.
func TestSchedulesOfAFolder(t *testing.T) {
	m := newMemory(t, world.Worker{Name: "folder", Crons: []string{"1 * * * *"}, Project: &project.Config{Name: "folder", Version: version.Version{Crons: []string{"1 * * * *"}}}})
	c := newClient(t, m)
	crons := func() []string { return get[world.Worker](m.Layers(), world.KindWorker, "folder").Crons }
	c.ok("PUT", "A/workers/scripts/folder/schedules", []object{{"cron": "*/5 * * * *"}, {"cron": "0 0 * * *"}})
	if diff := cmp.Diff([]string{"*/5 * * * *", "0 0 * * *"}, crons()); diff != "" {
		t.Error(diff)
	}
	c.refused("PUT", "A/workers/scripts/folder/schedules", []object{{"cron": "61 * * * *"}}, 400, 10100)
	if len(crons()) != 2 {
		t.Error(crons())
	}
	c.ok("PUT", "A/workers/scripts/folder/schedules", []object{})
	if got := crons(); got == nil || len(got) != 0 {
		t.Errorf("no schedule is %#v, which the folder's own would replace", got)
	}
}
