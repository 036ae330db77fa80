package accessemu_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/sundog-edge/sundog/accessemu"
	"github.com/sundog-edge/sundog/accessemu/keypool"
)

func Example() {
	c, err := accessemu.NewConfig(accessemu.Settings{Team: "acme"})
	if err != nil {
		fmt.Println(err)
		return
	}
	t := c.Txn()
	err = t.PutApp(accessemu.Application{
		ID:     "grafana",
		Name:   "Grafana",
		Domain: "grafana.example.com",
		Policies: []accessemu.PolicyRef{{Policy: accessemu.Policy{
			Name:     "staff",
			Decision: "allow",
			Include:  []accessemu.Rule{{Selector: "email", Value: accessemu.EmailRule{Email: "alice@example.com"}}},
		}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if c, err = t.Commit(); err != nil {
		fmt.Println(err)
		return
	}
	s := accessemu.NewState(accessemu.StateOptions{Keys: keypool.Key})
	defer s.Close()
	origin := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("the origin sees", r.Header.Get("Cf-Access-Authenticated-User-Email"))
	})
	h := &accessemu.Handler{State: s, Config: func() *accessemu.Config { return c }, Origin: origin}

	visit := func(token string) {
		r := httptest.NewRequest("GET", "https://grafana.example.com/d/1", nil)
		if token != "" {
			r.Header.Set("Cf-Access-Token", token)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	visit("")

	app, _ := c.App("grafana")
	token, err := s.Token(c, app, "grafana.example.com", "alice@example.com", accessemu.Client{})
	if err != nil {
		fmt.Println(err)
		return
	}
	visit(token)
	// Output:
	// 302
	// the origin sees alice@example.com
	// 200
}
