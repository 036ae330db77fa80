package accessemu

import "testing"

func TestSelectorCertificate(t *testing.T) {
	selectorCase{`{"certificate":{}}`, []subject{{cert: &ClientCertificate{}}}, []subject{{}}, "a client with a certificate"}.run(t)
}

func TestSelectorCommonName(t *testing.T) {
	selectorCase{`{"common_name":{"common_name":"robot"}}`, []subject{{cert: &ClientCertificate{CommonName: "robot"}}}, []subject{{}, {cert: &ClientCertificate{CommonName: "Robot"}}}, `a client whose certificate has the common name "robot"`}.run(t)
}

func TestSelectorDevicePosture(t *testing.T) {
	selectorCase{`{"device_posture":{"integration_uid":"disk"}}`, []subject{{posture: []string{"firewall", "disk"}}}, []subject{{}, {posture: []string{"firewall"}}}, `a device that passes the posture check "disk"`}.run(t)
}

func TestSelectorAnyValidServiceToken(t *testing.T) {
	selectorCase{`{"any_valid_service_token":{}}`, []subject{{service: &serviceToken{}}}, []subject{{}}, "any valid service token"}.run(t)
}

func TestSelectorLinkedAppToken(t *testing.T) {
	selectorCase{`{"linked_app_token":{"app_uid":"a"}}`, []subject{{linked: &App{ID: "a"}}}, []subject{{}, {linked: &App{ID: "b"}}}, `a token of the application "a"`}.run(t)
}

func TestSelectorServiceToken(t *testing.T) {
	w := newWorld(t).machines()
	app, _ := w.config.App("app-s")
	r := app.policies[0].include[0]
	k, _ := w.config.tokens.get("token-k")
	if !r.match(subject{service: k}) || r.match(subject{service: &serviceToken{id: "other"}}) || r.match(subject{}) || r.say() != `the service token "ci"` {
		t.Errorf("%+v", r)
	}
}
