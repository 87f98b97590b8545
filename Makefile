# make demo | run | test | lint | build | cross | bench | screenshots | fuzz | soak
# Every target installs the system packages that it lacks (see .ci/packages).
SHELL := /bin/sh
GO    ?= go
LINT  := v2.15.0
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# What is shipped: without Fyne's thread checks, reproducible, small.
SHIP  := -tags migrated_fynedo -trimpath -ldflags "-s -w -buildid= -X main.version=$(VERSION)"

.PHONY: demo run build cross test lint bench screenshots fuzz soak clean

# The main job against a simulated district: in the window where there is a
# screen, else by commands.
demo: bin/panel
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then ./bin/panel demo; \
	else .ci/packages shell && .ci/manual-script docs/cli.md | PATH="$$PWD/bin:$$PATH" sh -eu; fi

run: bin/panel
	./bin/panel

build: bin/panel

bin/panel: FORCE
	@.ci/packages build
	$(GO) build $(SHIP) -o bin/panel .
FORCE:

# The program for Windows, and of macOS what compiles without its own compiler:
# all but the toolkit.
cross:
	@.ci/packages cross
	GOOS=windows GOARCH=amd64 CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc $(GO) build $(SHIP) -o bin/panel.exe .
	GOOS=darwin CGO_ENABLED=0 $(GO) vet ./directory ./storage ./sync/... ./ui/view

# Everything that must hold before a change lands. Untagged, so that Fyne
# reports calls from a wrong thread; the shipped flags get a smoke test.
test: lint
	@.ci/packages build window keychain browser shell
	$(GO) test -race -timeout 20m ./...
	$(GO) test -trimpath -tags migrated_fynedo,smoke -run '^TestShipped' -timeout 10m .

# With -race, so that the toolkit is compiled once for lint and tests.
lint: bin/golangci-lint-$(LINT)
	@.ci/packages build
	@test -z "$$(gofmt -l .)" || { echo "not gofmt'd:"; gofmt -l .; exit 1; }
	$(GO) mod verify
	$(GO) vet -race ./...
	GOFLAGS=-race bin/golangci-lint-$(LINT) run

bin/golangci-lint-$(LINT):
	GOBIN=$(CURDIR)/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT)
	mv bin/golangci-lint $@

# One JSON object a line; BENCH=regexp chooses.
export BENCH
bench:
	@.ci/packages build window
	@$(GO) test -c -tags bench,migrated_fynedo -o bin/bench . && bin/bench

# The manual's pictures, from the real window.
screenshots:
	@.ci/packages build window keychain browser
	PANEL_PICTURES=$$PWD/docs/pictures $(GO) test -race -count=1 -run '^TestEndToEnd' -timeout 15m .

FUZZTIME ?= 1m
fuzz:
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p || exit 1; done; done

# Months of syncs with faults in between: under ten minutes.
soak:
	@.ci/packages build
	$(GO) test -race -tags soak -run '^TestSoak$$' -count=1 -v -timeout 30m .

clean:
	rm -rf bin
