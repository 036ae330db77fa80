package sdk

import (
	"encoding/base64"
	"fmt"
	"io"
	"testing"

	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/workers"
)

func TestWorkerInJSON(t *testing.T) {
	a := start(t)
	client := workers.NewWorkerService(a.options...)
	ctx := t.Context()
	made := must(client.Beta.Workers.New(ctx, with[workers.BetaWorkerNewParams](fields{
		"AccountID": a.id, "Worker": fields{"Name": "hello", "Subdomain": fields{"Enabled": true, "PreviewsEnabled": true}, "Observability": fields{"Enabled": true}, "Tags": []string{"a"}},
	})))(t)
	if !made.Observability.Enabled || made.Subdomain.URL != "https://hello.acme.workers.dev" || len(made.Tags) != 1 || made.CreatedOn.IsZero() {
		t.Errorf("%+v", made)
	}
	code := base64.StdEncoding.EncodeToString([]byte("export default { fetch: (r, env) => new Response(`for ${env.WHO}`) }"))
	version := must(client.Beta.Workers.Versions.New(ctx, made.ID, with[workers.BetaWorkerVersionNewParams](fields{
		"AccountID": a.id, "Version": fields{
			"MainModule": "index.js", "CompatibilityDate": "2026-03-22",
			"Modules":  []workers.VersionModuleParam{with[workers.VersionModuleParam](fields{"Name": "index.js", "ContentType": "application/javascript+module", "ContentBase64": code})},
			"Bindings": []workers.VersionBindingsUnionParam{with[workers.VersionBindingsWorkersBindingKindPlainTextParam](fields{"Name": "WHO", "Text": "me", "Type": "plain_text"})},
		},
	})))(t)
	if version.Number != 1 || len(version.URLs) != 1 || version.MainModule != "index.js" {
		t.Errorf("%+v", version)
	}
	must(client.Scripts.Deployments.New(ctx, "hello", a.deployment(version.ID, 100)))(t)
	a.serves("https://hello.acme.workers.dev/", 200, "for me")
	got := names(t, client.Beta.Workers.Versions.ListAutoPaging(ctx, made.ID, with[workers.BetaWorkerVersionListParams](fields{"AccountID": a.id, "PerPage": int64(1)})), func(v workers.Version) string { return v.ID })
	if got != version.ID {
		t.Error(got)
	}
	edited := must(client.Beta.Workers.Edit(ctx, "hello", with[workers.BetaWorkerEditParams](fields{"AccountID": a.id, "Worker": fields{"Name": "hello", "Tags": []string{"b", "c"}}})))(t)
	if len(edited.Tags) != 2 || !edited.Observability.Enabled {
		t.Errorf("%+v", edited)
	}
	must(client.Beta.Workers.Delete(ctx, made.ID, with[workers.BetaWorkerDeleteParams](fields{"AccountID": a.id})))(t)
	a.requests()
	_, err := client.Beta.Workers.Get(ctx, made.ID, with[workers.BetaWorkerGetParams](fields{"AccountID": a.id}))
	a.refused(err, 404, 10007)
}

func (a *account) deployment(version string, percentage float64) workers.ScriptDeploymentNewParams {
	return with[workers.ScriptDeploymentNewParams](fields{"AccountID": a.id, "Deployment": fields{
		"Strategy": "percentage", "Versions": []workers.DeploymentVersionParam{with[workers.DeploymentVersionParam](fields{"Percentage": percentage, "VersionID": version})},
	}})
}

func TestWorkerUploads(t *testing.T) {
	a := start(t)
	client := workers.NewWorkerService(a.options...)
	ctx := t.Context()
	code := func(n string) []io.Reader {
		return []io.Reader{
			esm("index.js", fmt.Sprintf("import { text } from './text.js'; export default { fetch: (r, env) => new Response(text('%s', env)) }", n)),
			esm("text.js", "export const text = (n, env) => `${n} for ${env.WHO}, ${env.KEY}`"),
		}
	}
	text := func(kind, name, text string) workers.ScriptUpdateParamsMetadataBindingUnion {
		return with[workers.ScriptUpdateParamsMetadataBinding](fields{"Type": kind, "Name": name, "Text": text})
	}
	script := must(client.Scripts.Update(ctx, "hello", with[workers.ScriptUpdateParams](fields{
		"AccountID": a.id, "Files": code("one"), "Metadata": fields{
			"MainModule": "index.js", "CompatibilityDate": "2026-03-22", "CompatibilityFlags": []string{"nodejs_compat"}, "Tags": []string{"a", "b"}, "Logpush": true,
			"Observability": fields{"Enabled": true, "HeadSamplingRate": 0.5},
			"Bindings":      []workers.ScriptUpdateParamsMetadataBindingUnion{text("plain_text", "WHO", "true"), text("secret_text", "KEY", "hush")},
		},
	})))(t)
	if script.ID != "hello" || len(script.Tags) != 2 || !script.Logpush || script.Observability.HeadSamplingRate != 0.5 || script.CompatibilityFlags[0] != "nodejs_compat" || script.StartupTimeMs == 0 {
		t.Errorf("%+v", script)
	}
	if !a.told("reads no metadata of a form but as one part of JSON") {
		t.Error("nobody is told that the real API does not read this form")
	}
	must(client.Scripts.Subdomain.New(ctx, "hello", with[workers.ScriptSubdomainNewParams](fields{"AccountID": a.id, "Enabled": true})))(t)
	a.serves("https://hello.acme.workers.dev/", 200, "one for true, hush")

	version := must(client.Scripts.Versions.New(ctx, "hello", with[workers.ScriptVersionNewParams](fields{
		"AccountID": a.id, "Files": code("two"), "Metadata": fields{
			"MainModule": "index.js", "KeepBindings": []string{"plain_text", "secret_text"}, "Annotations": fields{"WorkersMessage": "the second", "WorkersTag": "v2"},
		},
	})))(t)
	got := must(client.Scripts.Versions.Get(ctx, "hello", version.ID, with[workers.ScriptVersionGetParams](fields{"AccountID": a.id})))(t)
	if got.ID != version.ID || got.Number != 2 {
		t.Errorf("%+v", got)
	}
	must(client.Scripts.Deployments.New(ctx, "hello", a.deployment(version.ID, 100)))(t)
	a.serves("https://hello.acme.workers.dev/", 200, "two for true, hush")
	list := must(client.Scripts.Deployments.List(ctx, "hello", with[workers.ScriptDeploymentListParams](fields{"AccountID": a.id})))(t)
	if len(list.Deployments) != 2 || list.Deployments[0].Versions[0].VersionID != version.ID {
		t.Fatalf("%+v", list)
	}
	must(client.Scripts.Deployments.Get(ctx, "hello", list.Deployments[0].ID, with[workers.ScriptDeploymentGetParams](fields{"AccountID": a.id})))(t)
	must(client.Scripts.Deployments.Delete(ctx, "hello", list.Deployments[1].ID, with[workers.ScriptDeploymentDeleteParams](fields{"AccountID": a.id})))(t)

	must(client.Scripts.Content.Update(ctx, "hello", with[workers.ScriptContentUpdateParams](fields{
		"AccountID": a.id, "Files": code("three"), "Metadata": fields{"MainModule": "index.js"},
	})))(t)
	a.serves("https://hello.acme.workers.dev/", 200, "three for true, hush")
	content := must(client.Scripts.Content.Get(ctx, "hello", with[workers.ScriptContentGetParams](fields{"AccountID": a.id})))(t)
	content.Body.Close()
	a.requests()
	pages := names(t, client.Scripts.Versions.ListAutoPaging(ctx, "hello", with[workers.ScriptVersionListParams](fields{"AccountID": a.id, "PerPage": int64(2)})),
		func(v workers.ScriptVersionListResponse) string { return fmt.Sprint(v.Number) })
	if n := a.requests(); pages != "3 2 1" || n != 3 {
		t.Errorf("%s, by %d requests", pages, n)
	}
}

func TestWorkerManagement(t *testing.T) {
	a := start(t)
	client := workers.NewWorkerService(a.options...)
	ctx := t.Context()
	at := fields{"AccountID": a.id}
	for _, name := range []string{"one", "two"} {
		must(client.Scripts.Update(ctx, name, with[workers.ScriptUpdateParams](fields{
			"AccountID": a.id, "Metadata": fields{"MainModule": "a.js"}, "Files": []io.Reader{esm("a.js", fmt.Sprintf("export default { fetch: (r, env) => new Response('%s ' + env.KEY) }", name))},
		})))(t)
	}
	if got := names(t, client.Scripts.ListAutoPaging(ctx, with[workers.ScriptListParams](at)), func(s workers.ScriptListResponse) string { return s.ID }); got != "one two" {
		t.Error(got)
	}
	found := must(client.Scripts.Search(ctx, with[workers.ScriptSearchParams](fields{"AccountID": a.id, "Name": "tw"})))(t)
	if len(*found) != 1 || (*found)[0].ScriptName != "two" {
		t.Errorf("%+v", found)
	}

	must(client.Scripts.Secrets.Update(ctx, "one", workers.ScriptSecretUpdateParams{
		AccountID: with[workers.ScriptSecretUpdateParams](at).AccountID,
		Body:      with[workers.ScriptSecretUpdateParamsBody](fields{"Name": "KEY", "Text": "hush", "Type": "secret_text"}),
	}))(t)
	must(client.Scripts.Secrets.BulkUpdate(ctx, "one", with[workers.ScriptSecretBulkUpdateParams](fields{"AccountID": a.id, "Secrets": map[string]workers.ScriptSecretBulkUpdateParamsSecretsUnion{
		"A": with[workers.ScriptSecretBulkUpdateParamsSecretsWorkersBindingKindSecretText](fields{"Name": "A", "Text": "1", "Type": "secret_text"}),
	}})))(t)
	secret := func(s workers.ScriptSecretListResponse) string { return s.Name }
	if got := names(t, client.Scripts.Secrets.ListAutoPaging(ctx, "one", with[workers.ScriptSecretListParams](at)), secret); got != "KEY A" {
		t.Error(got)
	}
	must(client.Scripts.Secrets.Delete(ctx, "one", "A", with[workers.ScriptSecretDeleteParams](at)))(t)

	schedules := with[workers.ScriptScheduleUpdateParams](at)
	schedules.Body = []workers.ScriptScheduleUpdateParamsBody{with[workers.ScriptScheduleUpdateParamsBody](fields{"Cron": "0 0 1 1 *"})}
	if got := must(client.Scripts.Schedules.Update(ctx, "one", schedules))(t); len(got.Schedules) != 1 || got.Schedules[0].Cron != "0 0 1 1 *" {
		t.Errorf("%+v", got)
	}
	must(client.Scripts.Schedules.Get(ctx, "one", with[workers.ScriptScheduleGetParams](at)))(t)
	tail := must(client.Scripts.Tail.New(ctx, "one", with[workers.ScriptTailNewParams](at)))(t)
	must(client.Scripts.Tail.Delete(ctx, "one", tail.ID, with[workers.ScriptTailDeleteParams](at)))(t)
	if got := must(client.Subdomains.Get(ctx, with[workers.SubdomainGetParams](at)))(t); got.Subdomain != "acme" {
		t.Errorf("%+v", got)
	}
	must(client.AccountSettings.Get(ctx, with[workers.AccountSettingGetParams](at)))(t)

	domain := must(client.Domains.Update(ctx, with[workers.DomainUpdateParams](fields{"AccountID": a.id, "Hostname": "app.example.com", "Service": "one", "ZoneID": zoneID})))(t)
	route := must(client.Routes.New(ctx, with[workers.RouteNewParams](fields{"ZoneID": zoneID, "Pattern": "example.com/api/*", "Script": "two"})))(t)
	must(client.Routes.Update(ctx, route.ID, with[workers.RouteUpdateParams](fields{"ZoneID": zoneID, "Pattern": "example.com/api/*", "Script": "one"})))(t)
	a.serves("https://app.example.com/", 200, "one hush")
	a.serves("https://example.com/api/x", 200, "one hush")
	if got := names(t, client.Domains.ListAutoPaging(ctx, with[workers.DomainListParams](at)), func(d workers.DomainListResponse) string { return d.Hostname }); got != "app.example.com" {
		t.Error(got)
	}
	if got := names(t, client.Routes.ListAutoPaging(ctx, with[workers.RouteListParams](fields{"ZoneID": zoneID})), func(r workers.RouteListResponse) string { return r.Script }); got != "one" {
		t.Error(got)
	}

	// How calls fail: with the status and the code, and after one request.
	a.requests()
	_, err := client.Routes.New(ctx, with[workers.RouteNewParams](fields{"ZoneID": zoneID, "Pattern": "example.com/api/*", "Script": "two"}))
	a.refused(err, 409, 10020)
	_, err = client.Domains.Update(ctx, with[workers.DomainUpdateParams](fields{"AccountID": a.id, "Hostname": "app.example.com", "Service": "two", "ZoneID": zoneID}))
	a.refused(err, 409, 100116)
	_, err = client.Scripts.Schedules.Get(ctx, "none", with[workers.ScriptScheduleGetParams](at))
	a.refused(err, 404, 10007)
	_, err = client.Scripts.Subdomain.Get(ctx, "one", with[workers.ScriptSubdomainGetParams](at), option.WithAPIToken("x"))
	a.refused(err, 403, 10000)
	schedules.Body[0] = with[workers.ScriptScheduleUpdateParamsBody](fields{"Cron": "hourly"})
	_, err = client.Scripts.Schedules.Update(ctx, "one", schedules)
	a.refused(err, 400, 10100)
	_, err = client.Observability.Telemetry.Keys(ctx, with[workers.ObservabilityTelemetryKeysParams](at))
	a.refused(err, 404, 7003)

	must(client.Routes.Delete(ctx, route.ID, with[workers.RouteDeleteParams](fields{"ZoneID": zoneID})))(t)
	must(client.Domains.Delete(ctx, domain.ID, with[workers.DomainDeleteParams](at)))(t)
	for _, name := range []string{"one", "two"} {
		must(client.Scripts.Delete(ctx, name, with[workers.ScriptDeleteParams](at)))(t)
	}
	if got := names(t, client.Scripts.ListAutoPaging(ctx, with[workers.ScriptListParams](at)), func(s workers.ScriptListResponse) string { return s.ID }); got != "" {
		t.Error(got)
	}
	if err := client.Subdomains.Delete(ctx, with[workers.SubdomainDeleteParams](at)); err != nil {
		t.Error(err)
	}
}
