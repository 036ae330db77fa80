package api

import "net/http"

// Route is one route of the API.
type Route struct {
	Method string // "GET"
	Path   string // below Prefix, as "/accounts/{account}/workers/scripts/{script}"
	Caller string // who calls it, as "wrangler deploy"
}

// Routes are all routes of the API, in the order in which a reader looks for them.
func Routes() []Route {
	var list []Route
	for _, r := range routes() {
		list = append(list, Route{r.method, r.path, r.caller})
	}
	return list
}

type route struct {
	method, path, caller string
	do                   func(*call) (any, error)

	open    bool                             // the credential is not the API token: the handler asks for it
	upgrade func(*call, http.ResponseWriter) // in place of do: it takes the connection
}

func routes() []route {
	const (
		account = "/accounts/{account}"
		scripts = account + "/workers/scripts"
		script  = scripts + "/{script}"
		newer   = account + "/workers/workers"
		pages   = account + "/pages/projects"
		project = pages + "/{project}"
		queue   = account + "/queues/{queue}/consumers"
		vpc     = account + "/connectivity/directory/services"
		zone    = "/zones/{zone}"
	)
	return []route{
		{method: "GET", path: "/user/tokens/verify", caller: "wrangler whoami", do: (*call).verifyToken},
		{method: "GET", path: "/user", caller: "wrangler whoami", do: (*call).user},
		{method: "GET", path: "/memberships", caller: "wrangler whoami", do: (*call).memberships},
		{method: "GET", path: "/accounts", caller: "wrangler whoami", do: (*call).accounts},
		{method: "GET", path: account, caller: "SDKs", do: (*call).oneAccount},
		{method: "GET", path: account + "/tokens/verify", caller: "SDKs", do: (*call).verifyToken},
		{method: "GET", path: "/zones", caller: "wrangler deploy", do: (*call).zones},
		{method: "GET", path: zone, caller: "SDKs", do: (*call).oneZone},

		{method: "GET", path: scripts, caller: "SDKs", do: (*call).scripts},
		{method: "GET", path: script, caller: "SDKs", do: (*call).script},
		{method: "PUT", path: script, caller: "wrangler deploy", do: (*call).putScript},
		{method: "DELETE", path: script, caller: "SDKs", do: (*call).deleteScript},
		{method: "GET", path: script + "/content/v2", caller: "Terraform", do: (*call).script},
		{method: "PUT", path: script + "/content", caller: "SDKs", do: (*call).putContent},
		{method: "GET", path: account + "/workers/scripts-search", caller: "SDKs", do: (*call).searchScripts},
		{method: "GET", path: account + "/workers/account-settings", caller: "SDKs", do: (*call).accountSettings},
		{method: "PUT", path: account + "/workers/account-settings", caller: "SDKs", do: (*call).putAccountSettings},
		{method: "GET", path: account + "/workers/services/{script}", caller: "wrangler deploy", do: (*call).service},
		{method: "DELETE", path: account + "/workers/services/{script}", caller: "wrangler delete", do: (*call).deleteService},
		{method: "GET", path: script + "/references", caller: "wrangler delete", do: (*call).references},
		{method: "GET", path: account + "/workers/tails/by-consumer/{script}", caller: "wrangler delete", do: (*call).none},
		{method: "GET", path: script + "/settings", caller: "wrangler deploy", do: (*call).scriptSettings},
		{method: "PATCH", path: script + "/settings", caller: "SDKs", do: (*call).patchSettings},
		{method: "GET", path: script + "/script-settings", caller: "SDKs", do: (*call).ownSettings},
		{method: "PATCH", path: script + "/script-settings", caller: "wrangler deploy", do: (*call).patchOwnSettings},
		{method: "GET", path: script + "/versions", caller: "wrangler versions list", do: (*call).versionList},
		{method: "POST", path: script + "/versions", caller: "wrangler versions upload", do: (*call).postVersion},
		{method: "GET", path: script + "/versions/{version}", caller: "wrangler deployments list", do: (*call).oneVersion},
		{method: "GET", path: script + "/deployments", caller: "wrangler deployments list", do: (*call).deployments},
		{method: "POST", path: script + "/deployments", caller: "wrangler versions deploy, rollback", do: (*call).postDeployment},
		{method: "GET", path: script + "/deployments/{deployment}", caller: "SDKs", do: (*call).oneDeployment},
		{method: "DELETE", path: script + "/deployments/{deployment}", caller: "SDKs", do: (*call).deleteDeployment},
		{method: "GET", path: script + "/secrets", caller: "wrangler secret list", do: (*call).secrets},
		{method: "PUT", path: script + "/secrets", caller: "wrangler secret put", do: (*call).putSecret},
		{method: "GET", path: script + "/secrets/{secret}", caller: "SDKs", do: (*call).oneSecret},
		{method: "DELETE", path: script + "/secrets/{secret}", caller: "wrangler secret delete", do: (*call).deleteSecret},
		{method: "PATCH", path: script + "/secrets-bulk", caller: "wrangler secret bulk", do: (*call).bulkSecrets},
		{method: "POST", path: script + "/assets-upload-session", caller: "wrangler deploy", do: (*call).assetsSession},
		{method: "POST", path: account + "/workers/assets/upload", caller: "wrangler deploy", do: (*call).uploadAssets, open: true},
		{method: "GET", path: script + "/schedules", caller: "SDKs", do: (*call).schedules},
		{method: "PUT", path: script + "/schedules", caller: "wrangler triggers deploy", do: (*call).putSchedules},
		{method: "POST", path: script + "/tails", caller: "wrangler tail", do: (*call).postTail},
		{method: "GET", path: script + "/tails", caller: "SDKs", do: (*call).tailList},
		{method: "DELETE", path: script + "/tails/{tail}", caller: "wrangler tail", do: (*call).deleteTail},
		{method: "GET", path: "/tails/{tail}", caller: "wrangler tail (WebSocket)", upgrade: (*call).follow, open: true},

		{method: "GET", path: account + "/workers/subdomain", caller: "wrangler deploy", do: (*call).subdomain},
		{method: "PUT", path: account + "/workers/subdomain", caller: "wrangler deploy", do: (*call).putSubdomain},
		{method: "DELETE", path: account + "/workers/subdomain", caller: "SDKs", do: (*call).deleteSubdomain},
		{method: "GET", path: script + "/subdomain", caller: "wrangler 3", do: (*call).scriptSubdomain},
		{method: "POST", path: script + "/subdomain", caller: "wrangler triggers deploy", do: (*call).postScriptSubdomain},
		{method: "DELETE", path: script + "/subdomain", caller: "SDKs", do: (*call).deleteScriptSubdomain},
		{method: "GET", path: newer, caller: "SDKs", do: (*call).workers},
		{method: "POST", path: newer, caller: "SDKs", do: (*call).postWorker},
		{method: "GET", path: newer + "/{worker}", caller: "wrangler deploy", do: (*call).oneWorker},
		{method: "PUT", path: newer + "/{worker}", caller: "SDKs", do: (*call).putWorker},
		{method: "PATCH", path: newer + "/{worker}", caller: "SDKs", do: (*call).patchWorker},
		{method: "DELETE", path: newer + "/{worker}", caller: "SDKs", do: (*call).deleteWorker},
		{method: "GET", path: newer + "/{worker}/versions", caller: "SDKs", do: (*call).workerVersions},
		{method: "POST", path: newer + "/{worker}/versions", caller: "SDKs", do: (*call).postWorkerVersion},
		{method: "GET", path: newer + "/{worker}/versions/{version}", caller: "SDKs", do: (*call).oneWorkerVersion},
		{method: "DELETE", path: newer + "/{worker}/versions/{version}", caller: "SDKs", do: (*call).deleteWorkerVersion},
		{method: "PATCH", path: newer + "/{worker}/versions/latest", caller: "wrangler versions secret put", do: (*call).patchLatest},

		{method: "POST", path: script + "/domains/changeset", caller: "wrangler triggers deploy", do: (*call).changeset},
		{method: "PUT", path: script + "/domains/records", caller: "wrangler triggers deploy", do: (*call).putDomainRecords},
		{method: "GET", path: account + "/workers/domains", caller: "SDKs", do: (*call).domains},
		{method: "PUT", path: account + "/workers/domains", caller: "SDKs, Terraform", do: (*call).putDomain},
		{method: "GET", path: account + "/workers/domains/{domain}", caller: "SDKs, Terraform", do: (*call).oneDomain},
		{method: "GET", path: account + "/workers/domains/records/{domain}", caller: "wrangler triggers deploy", do: (*call).oneDomain},
		{method: "DELETE", path: account + "/workers/domains/{domain}", caller: "SDKs, Terraform", do: (*call).deleteDomain},
		{method: "PUT", path: script + "/routes", caller: "wrangler triggers deploy", do: (*call).putScriptRoutes},
		{method: "GET", path: zone + "/workers/routes", caller: "wrangler deploy", do: (*call).zoneRoutes},
		{method: "POST", path: zone + "/workers/routes", caller: "SDKs, Terraform", do: (*call).postZoneRoute},
		{method: "GET", path: zone + "/workers/routes/{route}", caller: "SDKs, Terraform", do: (*call).oneZoneRoute},
		{method: "PUT", path: zone + "/workers/routes/{route}", caller: "SDKs, Terraform", do: (*call).putZoneRoute},
		{method: "DELETE", path: zone + "/workers/routes/{route}", caller: "SDKs, Terraform", do: (*call).deleteZoneRoute},

		{method: "GET", path: account + "/queues", caller: "wrangler deploy", do: (*call).queues},
		{method: "POST", path: queue, caller: "wrangler triggers deploy", do: (*call).putConsumer},
		{method: "PUT", path: queue + "/{consumer}", caller: "wrangler triggers deploy", do: (*call).putConsumer},
		{method: "GET", path: account + "/storage/kv/namespaces", caller: "wrangler delete", do: (*call).namespaces},
		{method: "GET", path: account + "/workers/durable_objects/namespaces", caller: "wrangler delete", do: (*call).none},

		{method: "GET", path: pages, caller: "wrangler pages project list", do: (*call).projects},
		{method: "POST", path: pages, caller: "wrangler pages project create", do: (*call).postProject},
		{method: "GET", path: project, caller: "wrangler pages deploy", do: (*call).oneProject},
		{method: "PATCH", path: project, caller: "wrangler pages secret put, SDKs", do: (*call).patchProject},
		{method: "DELETE", path: project, caller: "wrangler pages project delete", do: (*call).deleteProject},
		{method: "GET", path: project + "/environments/{environment}", caller: "curl; not in the real API", do: (*call).flatEnvironment},
		{method: "PATCH", path: project + "/environments/{environment}", caller: "curl; not in the real API", do: (*call).patchFlatEnvironment},
		{method: "GET", path: project + "/upload-token", caller: "wrangler pages deploy", do: (*call).pagesUploadToken},
		{method: "POST", path: "/pages/assets/check-missing", caller: "wrangler pages deploy", do: (*call).pagesMissing, open: true},
		{method: "POST", path: "/pages/assets/upload", caller: "wrangler pages deploy", do: (*call).pagesUpload, open: true},
		{method: "POST", path: "/pages/assets/upsert-hashes", caller: "wrangler pages deploy", do: (*call).pagesKeep, open: true},
		{method: "GET", path: project + "/deployments", caller: "wrangler pages deployment list", do: (*call).pagesDeployments},
		{method: "POST", path: project + "/deployments", caller: "wrangler pages deploy", do: (*call).postPagesDeployment},
		{method: "GET", path: project + "/deployments/{deployment}", caller: "wrangler pages deploy", do: (*call).onePagesDeployment},
		{method: "DELETE", path: project + "/deployments/{deployment}", caller: "wrangler pages deployment delete", do: (*call).deletePagesDeployment},
		{method: "GET", path: project + "/deployments/{deployment}/history/logs", caller: "wrangler pages deploy", do: (*call).pagesDeploymentLogs},
		{method: "POST", path: project + "/deployments/{deployment}/tails", caller: "wrangler pages deployment tail", do: (*call).postPagesTail},
		{method: "DELETE", path: project + "/deployments/{deployment}/tails/{tail}", caller: "wrangler pages deployment tail", do: (*call).deletePagesTail},
		{method: "POST", path: project + "/deployments/{deployment}/rollback", caller: "SDKs", do: (*call).rollbackPages},
		{method: "POST", path: project + "/deployments/{deployment}/retry", caller: "SDKs", do: (*call).retryPages},
		{method: "POST", path: project + "/purge_build_cache", caller: "SDKs", do: (*call).purgeBuildCache},
		{method: "GET", path: project + "/domains", caller: "SDKs, Terraform", do: (*call).pagesDomainList},
		{method: "POST", path: project + "/domains", caller: "SDKs, Terraform", do: (*call).postPagesDomain},
		{method: "GET", path: project + "/domains/{domain}", caller: "SDKs, Terraform", do: (*call).onePagesDomain},
		{method: "PATCH", path: project + "/domains/{domain}", caller: "SDKs", do: (*call).onePagesDomain},
		{method: "DELETE", path: project + "/domains/{domain}", caller: "SDKs, Terraform", do: (*call).deletePagesDomain},

		{method: "GET", path: vpc, caller: "wrangler vpc service list", do: (*call).vpcServices},
		{method: "POST", path: vpc, caller: "wrangler vpc service create", do: (*call).postVPCService},
		{method: "GET", path: vpc + "/{service}", caller: "wrangler vpc service get", do: (*call).oneVPCService},
		{method: "PUT", path: vpc + "/{service}", caller: "wrangler vpc service update", do: (*call).putVPCService},
		{method: "DELETE", path: vpc + "/{service}", caller: "wrangler vpc service delete", do: (*call).deleteVPCService},
	}
}
