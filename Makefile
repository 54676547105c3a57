.PHONY: help run test lint bench deb setup

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing, build, and run Doorcode until Ctrl-C
	@scripts/run.sh

test: ## Run every test: crates, end to end, browsers
	@scripts/test.sh

lint: ## Check formatting and run the linters
	@scripts/lint.sh

bench: ## Measure beside nginx, Caddy and code-server alone; ARGS="--only stream" for less
	@scripts/bench.sh $(ARGS)

deb: ## Build the Debian package, target/release/doorcode_VERSION_ARCHITECTURE.deb
	@scripts/setup.sh deb
	@scripts/deb.sh release

setup: ## Install the packages that all of these need
	@scripts/setup.sh test
	@scripts/setup.sh lint
	@scripts/setup.sh bench
	@scripts/setup.sh deb
