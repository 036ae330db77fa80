package bundle_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/edge/worker/wrangler"
)

func ExampleBuild() {
	dir, err := os.MkdirTemp("", "worker")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	index := filepath.Join(dir, "index.ts")
	config := &wrangler.Config{Dir: dir, Main: "index.ts"}

	os.WriteFile(index, []byte(`export default { fetch: (): Response => new Response("hi") };`), 0o600)
	result, err := bundle.Build(context.Background(), config)
	fmt.Println(result.Version.Modules[0].Name, result.Version.Exports, err)

	os.WriteFile(index, []byte(`import { jwtVerify } from "jose"; export default { fetch: jwtVerify };`), 0o600)
	_, err = bundle.Build(context.Background(), config)
	var problems bundle.Errors
	if errors.As(err, &problems) {
		fmt.Println(problems[0])
	}

	// Output:
	// index.js [default] <nil>
	// index.ts:1:27: Could not resolve "jose" (npm install jose)
}
