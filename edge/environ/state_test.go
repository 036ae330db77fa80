package environ

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	ours   = "0123456789abcdef0123456789abcdef"
	theirs = "ffffffffffffffffffffffffffffffff"
)

func TestForeignAccounts(t *testing.T) {
	for name, tt := range map[string]struct {
		state string
		want  []string
		err   string
	}{
		"nothing": {state: ""},
		"ours":    {state: `{"version":4,"resources":[{"mode":"managed","type":"cloudflare_zero_trust_tunnel_cloudflared","name":"web","instances":[{"attributes":{"account_id":"` + ours + `"}}]}]}`},
		"ours in capitals": {
			state: `{"version":4,"resources":[{"mode":"managed","type":"cloudflare_list","name":"a","instances":[{"attributes":{"account_id":"` + strings.ToUpper(ours) + `"}}]}]}`,
		},
		"theirs": {
			state: `{"version":4,"resources":[{"module":"module.edge","mode":"managed","type":"cloudflare_list","name":"a","instances":[{"attributes":{"account_id":"` + theirs + `"}},{"index_key":1,"attributes":{"account_id":"` + theirs + `"}}]}]}`,
			want:  []string{"module.edge.cloudflare_list.a (account_id " + theirs + ")"},
		},
		"an object": {
			state: `{"version":4,"resources":[{"mode":"managed","type":"cloudflare_zone","name":"z","instances":[{"attributes":{"account":{"id":"` + theirs + `"}}}]}]}`,
			want:  []string{"cloudflare_zone.z (account_id " + theirs + ")"},
		},
		"an object in a list": {
			state: `{"version":4,"resources":[{"mode":"data","type":"cloudflare_zone","name":"z","instances":[{"attributes":{"account":[{"id":"` + theirs + `"}]}}]}]}`,
			want:  []string{"data.cloudflare_zone.z (account_id " + theirs + ")"},
		},
		"the account itself": {
			state: `{"version":4,"resources":[{"mode":"data","type":"cloudflare_account","name":"me","instances":[{"attributes":{"id":"` + theirs + `"}}]}]}`,
			want:  []string{"data.cloudflare_account.me (account_id " + theirs + ")"},
		},
		"flat attributes": {
			state: `{"version":4,"resources":[{"mode":"managed","type":"cloudflare_list","name":"a","instances":[{"attributes_flat":{"account_id":"` + theirs + `"}}]}]}`,
			want:  []string{"cloudflare_list.a (account_id " + theirs + ")"},
		},
		"version 3": {
			state: `{"version":3,"modules":[{"path":["root"],"resources":{"cloudflare_zone.b":{"type":"cloudflare_zone","primary":{"attributes":{"account_id":"` + theirs + `"}}},"cloudflare_zone.a":{"type":"cloudflare_zone","primary":{"attributes":{"account_id":"` + theirs + `"}}}}}]}`,
			want:  []string{"cloudflare_zone.a (account_id " + theirs + ")", "cloudflare_zone.b (account_id " + theirs + ")"},
		},
		"another provider's account": {
			state: `{"version":4,"resources":[{"mode":"managed","type":"aws_ram","name":"a","instances":[{"attributes":{"account_id":"` + theirs + `"}}]}]}`,
		},
		"no text": {
			state: `{"version":4,"resources":[{"mode":"managed","type":"cloudflare_list","name":"a","instances":[{"attributes":{"account_id":null}},{"attributes":{"account_id":7}}]}]}`,
		},
		"encrypted":     {state: `{"encrypted_data":"x"}`, err: "it is encrypted"},
		"no JSON":       {state: `{"resources":`, err: "it is not the JSON of a state"},
		"other shape":   {state: `{"resources":{}}`, err: "it is not the JSON of a state"},
		"speaks to you": {state: `{"resources":[{"mode":"managed","type":"cloudflare_list","name":"\u001b[2J","instances":[{"attributes":{"account_id":"x"}}]}]}`, want: []string{"cloudflare_list.?[2J (account_id x)"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := foreignAccounts([]byte(tt.state), ours)
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefuseState(t *testing.T) {
	foreign := `{"version":4,"resources":[{"mode":"managed","type":"cloudflare_list","name":"a","instances":[{"attributes":{"account_id":"` + theirs + `"}}]}]}`
	for name, tt := range map[string]struct {
		files   map[string]string
		line    string
		env     []string
		refused string // part of the reason; empty: let through
	}{
		"in the folder":           {files: map[string]string{"terraform.tfstate": foreign}, line: "terraform plan", refused: "terraform.tfstate is of another account: cloudflare_list.a (account_id " + theirs + "); this world's account is " + ours},
		"tofu":                    {files: map[string]string{"terraform.tfstate": foreign}, line: "tofu apply -auto-approve", refused: "tofu apply: "},
		"by its path":             {files: map[string]string{"terraform.tfstate": foreign}, line: "/opt/bin/terraform destroy", refused: "terraform destroy: "},
		"a command to come":       {files: map[string]string{"terraform.tfstate": foreign}, line: "terraform frobnicate", refused: "terraform frobnicate: "},
		"elsewhere":               {files: map[string]string{"infra/terraform.tfstate": foreign}, line: "terraform -chdir=infra plan", refused: filepath.Join("infra", "terraform.tfstate")},
		"not there":               {files: map[string]string{"infra/terraform.tfstate": foreign}, line: "terraform plan"},
		"by a flag":               {files: map[string]string{"other.tfstate": foreign}, line: "terraform plan -state=other.tfstate", refused: "other.tfstate"},
		"by a flag and a word":    {files: map[string]string{"other.tfstate": foreign}, line: "terraform plan -state other.tfstate", refused: "other.tfstate"},
		"what terraform keeps":    {files: map[string]string{".terraform/terraform.tfstate": foreign}, line: "terraform plan", refused: ".terraform"},
		"a data folder":           {files: map[string]string{"d/terraform.tfstate": foreign}, line: "terraform plan", env: []string{"TF_DATA_DIR=d"}, refused: "d"},
		"a workspace":             {files: map[string]string{"terraform.tfstate.d/prod/terraform.tfstate": foreign}, line: "terraform plan", env: []string{"TF_WORKSPACE=prod"}, refused: "prod"},
		"the chosen workspace":    {files: map[string]string{"terraform.tfstate.d/prod/terraform.tfstate": foreign, ".terraform/environment": "prod"}, line: "terraform plan", refused: "prod"},
		"another workspace":       {files: map[string]string{"terraform.tfstate": foreign, ".terraform/environment": "dev"}, line: "terraform plan"},
		"a local backend":         {files: map[string]string{"kept/x.tfstate": foreign, ".terraform/terraform.tfstate": `{"version":3,"backend":{"type":"local","config":{"path":"kept/x.tfstate"}}}`}, line: "terraform plan", refused: "x.tfstate"},
		"another backend":         {files: map[string]string{".terraform/terraform.tfstate": `{"version":3,"backend":{"type":"s3","config":{"path":7}}}`}, line: "terraform plan"},
		"unreadable":              {files: map[string]string{"terraform.tfstate": "half a fi"}, line: "terraform plan", refused: "cannot be told"},
		"asks nobody":             {files: map[string]string{"terraform.tfstate": foreign}, line: "terraform validate"},
		"help":                    {files: map[string]string{"terraform.tfstate": foreign}, line: "terraform plan -help"},
		"version":                 {files: map[string]string{"terraform.tfstate": foreign}, line: "terraform -version"},
		"no command":              {files: map[string]string{"terraform.tfstate": foreign}, line: "terraform"},
		"another program":         {files: map[string]string{"terraform.tfstate": foreign}, line: "echo terraform plan"},
		"nothing is known of it":  {line: "terraform plan"},
		"a folder of that name":   {files: map[string]string{"terraform.tfstate/x": ""}, line: "terraform plan", refused: "it is no file"},
		"a state that is our own": {files: map[string]string{"terraform.tfstate": strings.ReplaceAll(foreign, theirs, ours)}, line: "terraform plan"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range tt.files {
				at := filepath.Join(dir, filepath.FromSlash(file))
				if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			reason, refused := RefuseState(strings.Fields(tt.line), dir, tt.env, ours)
			if refused != (tt.refused != "") || !strings.Contains(reason, tt.refused) {
				t.Errorf("refused %v: %q, want %q", refused, reason, tt.refused)
			}
			if refused && !strings.Contains(reason, "--any-state") {
				t.Errorf("%q does not say what lets it through", reason)
			}
		})
	}
}

func FuzzForeignAccounts(f *testing.F) {
	f.Add([]byte(`{"version":4,"resources":[{"module":"m","mode":"data","type":"cloudflare_zone","name":"z","instances":[{"attributes":{"id":"x","account_id":"` + theirs + `","account":[{"id":"y"}]},"attributes_flat":{"account_id":"z"}}]}]}`))
	f.Add([]byte(`{"version":3,"backend":{"type":"local"},"modules":[{"path":["root"],"resources":{"cloudflare_zone.b":{"type":"cloudflare_zone","primary":{"id":"i","attributes":{"account_id":"` + theirs + `"}}}}}]}`))
	f.Add([]byte(`{"encrypted_data":"AAAA","meta":{}}`))
	f.Add([]byte(`{"resources":[{"type":"cloudflare_account","instances":[{"attributes":{"account":{"id":{}}}}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := foreignAccounts(data, ours)
		if err != nil && list != nil {
			t.Error("resources beside an error")
		}
		for _, line := range list {
			for _, r := range line {
				if r < ' ' || r == 0x7f {
					t.Fatalf("%q speaks to the terminal", line)
				}
			}
		}
	})
}
