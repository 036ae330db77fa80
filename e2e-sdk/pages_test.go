package sdk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/pages"
)

func TestPagesProject(t *testing.T) {
	a := start(t)
	client := pages.NewPageService(a.options...)
	ctx := t.Context()
	at := fields{"AccountID": a.id}
	variable := func(kind, value string) pages.ProjectEditParamsDeploymentConfigsProductionEnvVarsUnion {
		return with[pages.ProjectEditParamsDeploymentConfigsProductionEnvVars](fields{"Type": kind, "Value": value})
	}
	for _, name := range []string{"shop", "other"} {
		made := must(client.Projects.New(ctx, with[pages.ProjectNewParams](fields{
			"AccountID": a.id, "Name": name, "ProductionBranch": "main", "BuildConfig": fields{"BuildCommand": "npm run build"},
			"DeploymentConfigs": fields{"Production": fields{"CompatibilityDate": "2026-03-22", "FailOpen": false}},
		})))(t)
		if made.Subdomain != name+".pages.dev" || made.BuildConfig.BuildCommand != "npm run build" || made.DeploymentConfigs.Production.FailOpen {
			t.Errorf("%+v", made)
		}
	}
	// The guide's variable, as the API has it; and null, which takes one away.
	edit := func(vars map[string]pages.ProjectEditParamsDeploymentConfigsProductionEnvVarsUnion, opts ...option.RequestOption) *pages.Project {
		return must(client.Projects.Edit(ctx, "shop", with[pages.ProjectEditParams](fields{"AccountID": a.id, "DeploymentConfigs": fields{"Production": fields{"EnvVars": vars}}}), opts...))(t)
	}
	edit(map[string]pages.ProjectEditParamsDeploymentConfigsProductionEnvVarsUnion{
		"MYSERVICE_URL": variable("plain_text", "https://myservice.example.com"), "KEY": variable("secret_text", "hush"), "GONE": variable("plain_text", "x"),
	})
	project := edit(nil, option.WithJSONSet("deployment_configs.production.env_vars.GONE", nil))
	vars := project.DeploymentConfigs.Production.EnvVars
	if len(vars) != 2 || vars["MYSERVICE_URL"].Value != "https://myservice.example.com" || vars["KEY"].Value != "" || vars["KEY"].Type != "secret_text" {
		t.Errorf("%+v", vars)
	}

	deploy := func(branch, n string) *pages.Deployment {
		return must(client.Projects.Deployments.New(ctx, "shop", with[pages.ProjectDeploymentNewParams](fields{
			"AccountID": a.id, "Branch": branch, "CommitMessage": n, "CommitHash": "c0ffee", "CommitDirty": "true", "Manifest": "{}",
			"WorkerJS": module{strings.NewReader(fmt.Sprintf("export default { fetch: (r, env) => new Response('%s at ' + env.MYSERVICE_URL) }", n)), "_worker.js", "application/javascript"},
		})))(t)
	}
	one := deploy("main", "one")
	if meta := one.DeploymentTrigger.Metadata; one.LatestStage.Status != "success" || meta.CommitHash != "c0ffee" || !meta.CommitDirty || meta.CommitMessage != "one" || one.EnvVars["MYSERVICE_URL"].Value == "" {
		t.Errorf("%+v", one)
	}
	two := deploy("main", "two")
	deploy("topic", "three")
	a.serves("https://shop.pages.dev/", 200, "two at https://myservice.example.com")
	a.serves("https://topic.shop.pages.dev/", 200, "three at undefined")
	must(client.Projects.Deployments.Rollback(ctx, "shop", one.ID, with[pages.ProjectDeploymentRollbackParams](at)))(t)
	a.serves("https://shop.pages.dev/", 200, "one at")
	again := must(client.Projects.Deployments.Retry(ctx, "shop", two.ID, with[pages.ProjectDeploymentRetryParams](at)))(t)
	a.serves("https://shop.pages.dev/", 200, "two at")
	must(client.Projects.Deployments.Delete(ctx, "shop", two.ID, with[pages.ProjectDeploymentDeleteParams](at)))(t)
	if got := must(client.Projects.Get(ctx, "shop", with[pages.ProjectGetParams](at)))(t); got.CanonicalDeployment.ID != again.ID || got.LatestDeployment.ID != again.ID {
		t.Errorf("%+v", got.CanonicalDeployment)
	}
	a.requests()
	list := names(t, client.Projects.Deployments.ListAutoPaging(ctx, "shop", with[pages.ProjectDeploymentListParams](fields{"AccountID": a.id, "PerPage": int64(2)})),
		func(d pages.Deployment) string { return d.DeploymentTrigger.Metadata.CommitMessage })
	if n := a.requests(); list != "two three one" || n != 3 {
		t.Errorf("%s, by %d requests", list, n)
	}
	must(client.Projects.Deployments.History.Logs.Get(ctx, "shop", one.ID, with[pages.ProjectDeploymentHistoryLogGetParams](at)))(t)

	domain := must(client.Projects.Domains.New(ctx, "shop", with[pages.ProjectDomainNewParams](fields{"AccountID": a.id, "Name": "www.example.com"})))(t)
	if domain.Status != "active" || domain.ZoneTag != zoneID {
		t.Errorf("%+v", domain)
	}
	a.serves("https://www.example.com/", 200, "two at")
	if got := names(t, client.Projects.Domains.ListAutoPaging(ctx, "shop", with[pages.ProjectDomainListParams](at)), func(d pages.ProjectDomainListResponse) string { return d.Name }); got != "www.example.com" {
		t.Error(got)
	}
	must(client.Projects.Domains.Edit(ctx, "shop", "www.example.com", with[pages.ProjectDomainEditParams](at)))(t)
	must(client.Projects.Domains.Delete(ctx, "shop", "www.example.com", with[pages.ProjectDomainDeleteParams](at)))(t)
	must(client.Projects.PurgeBuildCache(ctx, "shop", with[pages.ProjectPurgeBuildCacheParams](at)))(t)

	a.requests()
	_, err := client.Projects.New(ctx, with[pages.ProjectNewParams](fields{"AccountID": a.id, "Name": "shop", "ProductionBranch": "main"}))
	a.refused(err, 409, 8000002)
	_, err = client.Projects.Get(ctx, "none", with[pages.ProjectGetParams](at))
	a.refused(err, 404, 8000007)
	_, err = client.Projects.Domains.Get(ctx, "shop", "www.example.com", with[pages.ProjectDomainGetParams](at))
	a.refused(err, 404, 8000000)
	must(client.Projects.Delete(ctx, "shop", with[pages.ProjectDeleteParams](at)))(t)
	if got := names(t, client.Projects.ListAutoPaging(ctx, with[pages.ProjectListParams](fields{"AccountID": a.id, "PerPage": int64(1)})), func(p pages.Project) string { return p.Name }); got != "other" {
		t.Error(got)
	}
}
