# All of it needs Go, git and make, and the machine's own sh and awk.

GO       ?= go
BENCH    ?= .
FUZZTIME ?= 10s

# The race detector needs a C compiler on some systems; without one the tests run without it.
RACE := $(if $(filter 1,$(shell $(GO) env CGO_ENABLED)),-race)

# Packages under testdata are left out of "./..." by the go command.
PACKAGES := ./... ./testdata/dual-endpoint/demo ./testdata/dual-endpoint/origin \
	./testdata/private-worker/origin ./testdata/attack/origin ./testdata/attack/sound-origin ./testdata/attack/weak-origin

.PHONY: help build run test fixtures test-cloudflared lint bench fuzz cover clean

help:
	@echo "make run     the dual-endpoint pattern: an origin, and the edge in front of it, until ^C   ARGS='--ports 0'"
	@echo "make build   bin/sundog"
	@echo "make test    what CI runs: lint, then every test"
	@echo "make test-cloudflared  what wants a real cloudflared: on PATH, or named in SUNDOG_CLOUDFLARED"
	@echo "make fixtures  what tests run against, from npm into testdata/npm; make test does it too"
	@echo "make lint    gofmt, go vet for three systems, staticcheck"
	@echo "make bench   every benchmark, as one table          BENCH=Guarded"
	@echo "make fuzz    every fuzz target, one after another    FUZZTIME=30s"
	@echo "make cover   cover.html: what the tests reach"

build:
	@$(GO) build -o bin/ ./cmd/sundog ./testdata/dual-endpoint/demo ./testdata/dual-endpoint/origin

run: build
	@exec bin/demo $(ARGS)

test: lint fixtures
	$(if $(RACE),,@echo "no C compiler: the race detector is left out")
	$(GO) test -timeout 20m $(RACE) $(PACKAGES)

# The packages of testdata/npm: installed where there is npm and they are absent, or not those of the lock file,
# of which the installed ones have a copy.
fixtures:
	@cd testdata/npm && if cmp -s package-lock.json node_modules/.installed-lock; then exit 0; fi; \
	if ! command -v npm > /dev/null; then echo "no npm: what needs workerd and wrangler is skipped, if they are not here otherwise"; exit 0; fi; \
	echo "testdata/npm: npm installs workerd, wrangler, jose and cloudflare"; \
	if npm install --no-save --no-audit --no-fund --ignore-scripts --loglevel=error; then cp package-lock.json node_modules/.installed-lock; \
	else echo "npm could not install them: what needs workerd and wrangler is skipped"; fi

test-cloudflared:
	@command -v "$${SUNDOG_CLOUDFLARED:-cloudflared}" > /dev/null || { echo "skipped: needs cloudflared on PATH, or named in SUNDOG_CLOUDFLARED"; exit 0; }; \
	SUNDOG_REQUIRE=cloudflared $(GO) test -timeout 10m -count 1 ./tunnelemu/... && \
	SUNDOG_REQUIRE=cloudflared $(GO) test -timeout 10m -count 1 -run 'Cloudflared' ./edge && \
	SUNDOG_REQUIRE=cloudflared $(GO) test -timeout 10m -count 1 -run 'TestStories/(connector-|access-cloudflared-|exec-real-cloudflared|workers-cloudflared-)' ./scripts

lint:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt -w is due for:"; echo "$$unformatted"; exit 1; fi
	GOOS=linux $(GO) vet $(PACKAGES)
	GOOS=darwin GOARCH=arm64 $(GO) vet $(PACKAGES)
	GOOS=windows $(GO) vet $(PACKAGES)
	$(GO) tool -modfile=tools.mod staticcheck $(PACKAGES)

define BENCH_TABLE
function time(ns) {
	if (ns < 1000) return sprintf("%.4g ns", ns)
	if (ns < 1000000) return sprintf("%.4g us", ns / 1000)
	if (ns < 1000000000) return sprintf("%.4g ms", ns / 1000000)
	return sprintf("%.4g s", ns / 1000000000)
}
function head() {
	printf "%-14s %-58s %12s %10s %10s  %s\n", "package", "benchmark", "time/op", "B/op", "allocs/op", "more"
	printing = 1
}
/^pkg: / { n = split($$2, part, "/"); package = part[n]; next }
/^Benchmark/ && NF > 3 {
	if (!printing) head()
	name = $$1; sub(/^Benchmark/, "", name); sub(/-[0-9]+$$/, "", name)
	took = bytes = allocs = more = ""
	for (i = 3; i < NF; i += 2) {
		if ($$(i+1) == "ns/op") took = time($$i)
		else if ($$(i+1) == "B/op") bytes = $$i
		else if ($$(i+1) == "allocs/op") allocs = $$i
		else more = more (more == "" ? "" : ", ") $$i " " $$(i+1)
	}
	printf "%-14s %-58s %12s %10s %10s  %s\n", package, name, took, bytes, allocs, more
	next
}
/^(ok|PASS|goos:|goarch:|cpu:|\?)/ { if ($$1 == "cpu:") cpu = $$0; next }
/^Benchmark/ { next }
{ print; if (/FAIL|panic:/) failed = 1 }
END { if (!printing) print "no benchmark matches"; if (cpu != "") print cpu; exit failed }
endef
export BENCH_TABLE

bench:
	@$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem ./... 2>&1 | awk "$$BENCH_TABLE"

fuzz:
	@for package in $$($(GO) list ./...); do \
		targets=$$($(GO) test -list '^Fuzz' $$package) || { echo "$$targets"; exit 1; }; \
		for target in $$(echo "$$targets" | grep '^Fuzz'); do \
			echo "== $$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

cover:
	@$(GO) test -coverpkg=./... -coverprofile=cover.out ./... > /dev/null
	@$(GO) tool cover -html=cover.out -o cover.html
	@$(GO) tool cover -func=cover.out | tail -n 1

clean:
	@rm -rf bin cover.out cover.html
