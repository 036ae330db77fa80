package workerd

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBlame(t *testing.T) {
	const said = `service api@12345678: Uncaught SyntaxError: Unexpected identifier 'error'
  at w.js:1:7
service late: This Worker requires compatibility date "2029-11-01", but the newest date supported by this server binary is "2026-11-24".
service late: Can't set compatibility date in the future: "2029-11-01". Today's date (UTC) is "2026-11-22".
service dang: Worker "dang"'s binding "D" refers to a Durable Object namespace named "Nope", but no such Durable Object namespace is defined by this Worker.
workerd/server/server/worker.rs:468: warning: nobody is to blame for this
service sundog:front: No such compatibility flag: nonsense
Worker "dang"'s binding "B" refers to a service "nosuch", but no such service is defined.
Worker "dang"'s binding "C" refers to service "flag" with a named entrypoint "Nope", but "flag" has no such named entrypoint.
`
	want := []Fault{
		{Service: "api@12345678", Text: "Uncaught SyntaxError: Unexpected identifier 'error'\n  at w.js:1:7"},
		{Service: "late", Date: true, Newest: "2026-11-24", Text: "This Worker requires compatibility date \"2029-11-01\", but the newest date supported by this server binary is \"2026-11-24\".\nCan't set compatibility date in the future: \"2029-11-01\". Today's date (UTC) is \"2026-11-22\"."},
		{Service: "dang", Binding: "D", Text: "Worker \"dang\"'s binding \"D\" refers to a Durable Object namespace named \"Nope\", but no such Durable Object namespace is defined by this Worker."},
		{Service: "sundog:front", Text: "No such compatibility flag: nonsense"},
		{Service: "dang", Binding: "B", Target: "nosuch", Text: "Worker \"dang\"'s binding \"B\" refers to a service \"nosuch\", but no such service is defined."},
		{Service: "dang", Binding: "C", Target: "flag", Entrypoint: "Nope", Text: "Worker \"dang\"'s binding \"C\" refers to service \"flag\" with a named entrypoint \"Nope\", but \"flag\" has no such named entrypoint."},
	}
	if d := cmp.Diff(want, blame(said)); d != "" {
		t.Error(d)
	}
}

func FuzzBlame(f *testing.F) {
	f.Add("service x: Uncaught Error: y\n  at z\nWorker \"a\"'s binding \"b\" refers to service \"c\" with a named entrypoint \"d\"")
	f.Fuzz(func(t *testing.T, said string) {
		for _, fault := range blame(said) {
			if fault.Service == "" || fault.Text == "" && fault.Binding != "" {
				t.Errorf("%+v", fault)
			}
		}
	})
}
