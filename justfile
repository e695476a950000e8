# Everyday commands. Each is one line that can be typed without just as well.

# list the commands
default:
    @just --list

# start syndic on http://127.0.0.1:8080/
run *arguments:
    cargo run --release -- {{arguments}}

# every test
test *arguments:
    scripts/test {{arguments}}

# all that must hold before a change goes in
ci:
    .ci/run

# is feeds.toml right?
check *arguments:
    cargo run --quiet -- check {{arguments}}

# format the code
fmt:
    cargo fmt --all

# lints, as .ci/run asks them
lint:
    cargo clippy --locked --all-targets -- -D warnings

# documentation of the code, in a browser
doc:
    cargo doc --locked --no-deps --open

# benches of parse, identify + enrich, render
bench *arguments:
    cargo bench --locked --profile dev-release {{arguments}}

# parse beside the libraries alone, on the load rig's documents (wants ../shared)
bench-parse *seed:
    scripts/bench-parse {{seed}}

# the package for Debian, into target/deb
deb *arguments:
    scripts/deb {{arguments}}

# that package in clean roots, as root
check-deb profile="dev-release":
    scripts/check-deb {{profile}}

# libFuzzer on `entries` or `html`
fuzz target seconds="600":
    scripts/fuzz {{target}} {{seconds}}

# 1,000 simulated feeds, with the floors beside (wants ../shared)
bench-poll *seeds:
    scripts/bench-poll {{seeds}}

# serving beside constant bytes and nginx, a changing feed, memory (wants ../shared)
bench-serve seconds="6":
    scripts/bench-serve {{seconds}}

# posts in, the site and a Jekyll folder out, with the floors beside
bench-export posts="10000":
    scripts/bench-export {{posts}}

# parsing cases, sanitiser vectors, schemas (wants ../shared)
score:
    scripts/score
