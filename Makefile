# Ribble: every task has one door. `make help` lists them.
SHELL := /bin/bash
GO ?= go
export CGO_ENABLED ?= 0

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: demo
demo: assets ## a whole synthetic region and the portal on this machine, until Ctrl-C
	@mkdir -p bin && $(GO) build -o bin/demo ./cmd/demo && exec bin/demo $(DEMO_FLAGS)

.PHONY: assets
assets: web/static/nhsuk/nhsuk.css ## the NHS design system's files, from npm

web/static/nhsuk/nhsuk.css: web/package-lock.json web/build/main.go
	cd web && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
	$(GO) run ./web/build

.PHONY: browser
browser: ## Chromium for the browser tests, where the machine has none
	@bash deploy/dev/chromium.sh

.PHONY: test
test: assets browser ## every test, Postgres and browser included
	REQUIRE_BROWSER=1 $(GO) test -count=1 -timeout 20m ./...

.PHONY: test-quick
test-quick: assets ## tests without a browser
	$(GO) test -short ./...

# How often the long tests repeat what the short ones do a few times.
TAMPERS ?= 200
ROUNDS ?= 20

.PHONY: test-full
test-full: ## the audit trail: processes killed at random, the past changed at random
	$(GO) test -count=1 -v -timeout 60m ./internal/postgres -run 'TestKilledAtRandom|TestTheHarnessSeesLoss' -args -rounds $(ROUNDS)
	$(GO) test -count=1 -v -timeout 60m ./internal/ledger/verify -run 'TestRandomTampering|TestEveryTamperingIsFound' -args -tampers $(TAMPERS)
	$(GO) test -count=1 -v -timeout 60m ./internal/portal/officer -run TestLongExportsAreBounded -args -entries 300000

# The long form takes the better part of an hour: make prove PROVE_FLAGS="-long -out docs/proof". -only NAME runs a piece, -soak 30m the soak, -chaos 60m the hour of chaos.
PROVE_FLAGS ?= -short

.PHONY: prove
prove: assets ## what Ribble claims, held to it while the world breaks: one report
	$(GO) run ./cmd/prove $(PROVE_FLAGS)

.PHONY: bench
bench: assets ## the view benchmark: goals as ratios to floors of the same run
	$(GO) run ./cmd/bench $(BENCH_FLAGS)

.PHONY: bench-audit
bench-audit: ## the audit trail: appends against pgbench, searches of a million events
	$(GO) run ./cmd/bench -audit $(BENCH_FLAGS)

.PHONY: generate
generate: ## templ output and readers of FHIR JSON, which are committed
	$(GO) tool templ generate -path web
	$(GO) generate ./internal/adapter/...

.PHONY: check
check: generate lint ## what CI checks besides the tests
	git diff --exit-code -- '*_templ.go' '*/readers.go' '*/readers_test.go' go.mod go.sum

.PHONY: lint
lint: ## vet, formatting, static analysis
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) tool -modfile=internal/tools/go.mod staticcheck ./...

# The vulnerability database: a folder of one, or a folder with one as .tar.xz; without it govulncheck asks the public one.
VULNDB ?= ../shared/vulndb

.PHONY: vuln
vuln: ## known vulnerabilities in what the program calls
	@set -e; from="$(VULNDB)"; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	archive=$$(ls "$$from"/*.tar.xz 2>/dev/null | sort | tail -n 1 || true); \
	if [ -n "$$archive" ]; then tar -xJf "$$archive" -C "$$tmp"; from="$$tmp/db"; fi; \
	if [ -d "$$from/index" ]; then set -- -db "file://$$(cd "$$from" && pwd)"; else set --; fi; \
	$(GO) tool -modfile=internal/tools/go.mod govulncheck "$$@" ./...

# The version is stamped into the programs; `ribble version` says it.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
BUILD = $(GO) build -trimpath -buildvcs=false -ldflags "-buildid= -X main.version=$(VERSION)"

.PHONY: build
build: assets ## the portal and the sandbox as programs in bin/
	@mkdir -p bin && $(BUILD) -o bin/ ./cmd/ribble ./cmd/sandbox ./cmd/demo

.PHONY: reproduce
reproduce: assets ## build the last commit twice, in two places with two caches: the programs must be equal
	@set -e; c=$$(git rev-parse HEAD); a=$$(mktemp -d); b=$$(mktemp -d)/elsewhere; trap 'chmod -R u+w "$$a" "$$b"; rm -rf "$$a" "$$(dirname "$$b")"' EXIT; \
	for d in "$$a" "$$b"; do mkdir -p "$$d/cache"; git archive "$$c" | tar -x -C "$$d"; cp -r web/static/nhsuk "$$d/web/static/"; \
	(cd "$$d" && GOCACHE="$$d/cache" $(BUILD) -o ribble ./cmd/ribble); done; \
	cmp "$$a/ribble" "$$b/ribble" && sha256sum < "$$a/ribble" && "$$a/ribble" version

.PHONY: sbom
sbom: build ## what the portal is made of, with licences, in CycloneDX JSON: bin/ribble.cdx.json
	@$(GO) run ./cmd/supply licences bin/ribble && $(GO) run ./cmd/supply sbom bin/ribble > bin/ribble.cdx.json
