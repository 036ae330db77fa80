package pages_test

import (
	"context"
	"testing"

	"github.com/sundog-edge/sundog/edge/worker/bundle"
)

func BenchmarkBuild(b *testing.B) {
	p := project(b, functionsProject)
	var builder bundle.Builder
	defer builder.Close()
	p.Builder = &builder
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Build(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRunsWorker(b *testing.B) {
	p := project(b, functionsProject)
	build(b, p)
	routes := p.Routes()
	b.ReportAllocs()
	for b.Loop() {
		routes.RunsWorker("/api/users/42")
	}
}
