package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/sundog-edge/sundog/edge/api"
)

// A program that asks whether its token is good. An Options.Store holds the documents of a world.
func ExampleNew() {
	srv := httptest.NewServer(api.New(api.Options{Token: "secret"}))
	defer srv.Close()
	for _, token := range []string{"secret", "other"} {
		req, _ := http.NewRequest("GET", srv.URL+api.Prefix+"/user/tokens/verify", nil)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		resp.Body.Close()
		fmt.Println(resp.StatusCode)
	}
	// Output:
	// 200
	// 401
}
