package bundle_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
	"github.com/sundog-edge/sundog/internal/fixtures"
)

func TestExports(t *testing.T) {
	c := project(t, `
-- a/[id].ts --
import { x } from "not-there";
export const onRequestGet = (): number => x; export { y } from "./gone"; export default 1;
-- a/[id].js --
module.exports = 1;
-- a/[[all]].tsx --
export function onRequest() { return <p/> }
`)
	files := []string{filepath.Join(c.Dir, "a/[id].ts"), filepath.Join(c.Dir, "a/[id].js"), filepath.Join(c.Dir, "a/[[all]].tsx")}
	got, err := bundle.Exports(c.Dir, files)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{files[0]: {"default", "onRequestGet", "y"}, files[1]: {}, files[2]: {"onRequest"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	fixtures.WriteFile(t, files[0], "export const onRequest = (;")
	if _, err = bundle.Exports(c.Dir, files); err == nil {
		t.Fatal("a broken file has exports")
	}
	contains(t, err.Error(), `a/[id].ts:1:27: Unexpected ";"`)
}
