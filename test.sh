#!/usr/bin/env bash
# Every check and every test of Fairseat, the fastest first.
#
#   ./test.sh         everything, in minutes
#   ./test.sh long    the same with larger numbers: more histories, cases and crashes
#
# Installs what is missing (Debian packages as root, Python and npm packages into target/) and leaves nothing running behind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

case "${1:-short}" in
    short) ;;
    long) export FAIRSEAT_LONG=1 PROPTEST_CASES="${PROPTEST_CASES:-5000}" ;;
    *) echo "usage: ./test.sh [long]" >&2; exit 2 ;;
esac
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"
# Tests must not read variables that the user has set for a server of their own.
for variable in ${!FAIRSEAT_*}; do
    [ "$variable" = FAIRSEAT_LONG ] || unset "$variable"
done

target="${CARGO_TARGET_DIR:-target}"

fail() { echo "test.sh: $*" >&2; exit 1; }

# Runs one step, and prints its name before and its duration after it. The first step that fails ends the run.
step() {
    local name=$1 began=$SECONDS
    shift
    echo "== $name"
    "$@" || fail "FAILED: $name"
    echo "== $name: $((SECONDS - began)) s"
}

# A program we need, and the Debian package that has it.
need() {
    local program=$1 package=$2
    command -v "$program" >/dev/null || install "$package" "'$program' is missing"
}

install() {
    local package=$1 why=$2
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
        fail "$why: install it (Debian: apt-get install $package) and start again"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" ||
        fail "could not install the Debian package $package ($why)"
}

tools() {
    command -v cargo >/dev/null || fail "'cargo' is missing: install Rust 1.95 or newer from https://rustup.rs and start again"
    need cc gcc
    need python3 python3
    need curl curl
    need fiu-run fiu-utils
    need faketime faketime
    need unshare util-linux
    need ip iproute2
    # Debian keeps it out of the path of ordinary users.
    [ -x /usr/sbin/haproxy ] || need haproxy haproxy
    need redis-server redis-server
    need redis-cli redis-tools
    # Debian keeps the programs of the server out of the path.
    compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || need initdb postgresql
}

# A private PostgreSQL server for the tests of store and API, named by TEST_POSTGRES; it ends with this script. Tests of the journal start their own.
postgres() {
    local programs folder as=()
    programs=$(dirname "$(compgen -G "/usr/lib/postgresql/*/bin/initdb" | sort -V | tail -1 || command -v initdb)")
    folder=$(mktemp -d)
    [ "$(id -u)" != 0 ] || { chown postgres "$folder"; as=(runuser -u postgres --); }
    (cd / && "${as[@]}" "$programs/initdb" --no-locale --encoding=UTF8 --username=postgres --auth=trust --no-sync -D "$folder/data" >/dev/null)
    (cd / && exec "${as[@]}" "$programs/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c fsync=off -c full_page_writes=off \
        -c max_connections=500 -c max_pred_locks_per_transaction=256 -c jit=off) >"$folder/log" 2>&1 &
    trap 'cd / && '"${as[*]}"' '"$programs"'/pg_ctl stop -s -m immediate -D '"$folder"'/data; rm -rf '"$folder" EXIT
    until "$programs/pg_isready" -q -h "$folder"; do
        kill -0 $! || { cat "$folder/log" >&2; fail "PostgreSQL does not start"; }
        sleep 0.1
    done
    export TEST_POSTGRES="host=$folder user=postgres"
    [ "$("$programs/psql" -h "$folder" -U postgres -tAc "SELECT count(*) FROM pg_available_extensions WHERE name = 'citus'")" = 1 ] ||
        echo "Citus is not installed, so its tests do not run (docs/operations.md, Citus)"
}

# The tests of the API once more, with journal and store on the private server. Left out are those that look into files of the data folder or
# damage them, those that drop views behind the back of the journal (a server does not compare all of them), and those that stop the server's clock, which the journal's function in the database would notice.
tests_on_postgres() {
    local files='backup:: cli:: events::price_range:: letters_to_strangers mail::sending::a_ odd_characters_of_older a_slow_provider erasure:: views:: replaying_a_journal'
    local clocks='an_expired_reservation_is_refused'
    if cargo nextest --version >/dev/null 2>&1; then
        local left_out
        left_out=$(printf ' + test(%s)' $files $clocks)
        TEST_DATABASE=postgres cargo nextest run --workspace --no-fail-fast -E "binary(api) - (${left_out# + })" ${FAIRSEAT_LONG:+--profile long}
    else
        TEST_DATABASE=postgres cargo test --workspace --no-fail-fast --test api -- $(printf -- ' --skip %s' $files $clocks)
    fi
}

tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --workspace --no-fail-fast ${FAIRSEAT_LONG:+--profile long}
    else
        cargo test --workspace --no-fail-fast --lib --bins --tests
    fi
}

# The bus over tansu, a broker of another make than the mock cluster of the everyday tests. It is built from its crate once.
bus_on_a_real_broker() {
    local root=target/tansu topic port metrics broker
    [ -x "$root/bin/tansu" ] ||
        cargo install tansu --version 0.6.0 --locked --features dynostore --root "$root" --target-dir "$root/build" --quiet
    read -r port metrics < <(python3 -c 'import socket
both = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(one.getsockname()[1] for one in both))')
    "$root/bin/tansu" broker --kafka-cluster-id test --storage-engine memory://tansu/ --prometheus-listener-url "tcp://127.0.0.1:$metrics" \
        --kafka-listener-url "tcp://127.0.0.1:$port" --kafka-advertised-listener-url "tcp://127.0.0.1:$port" >target/tansu.log 2>&1 &
    broker=$!
    until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        kill -0 "$broker" || { cat target/tansu.log >&2; fail "the broker does not start"; }
        sleep 0.1
    done
    local passed=0
    for topic in events seats orders tickets; do
        "$root/bin/tansu" topic create --broker "tcp://127.0.0.1:$port" --partitions 2 "test.$topic" || passed=1
    done
    TEST_BROKER="127.0.0.1:$port" cargo test --quiet -p fairseat-server --test api -- bus::real_broker || passed=1
    kill "$broker"
    return "$passed"
}

python=target/python

# The programs of checks/requirements.txt.
python_programs() {
    [ -x "$python/bin/pip" ] || python3 -m venv --clear "$python" 2>/dev/null || {
        install python3-venv "python3 has no working venv"
        python3 -m venv --clear "$python"
    }
    "$python/bin/pip" install --quiet --disable-pip-version-check --requirement checks/requirements.txt
}

# The database of known weaknesses: the newest where it can be fetched, else one fetched earlier, else the copy in checks/.
advisories() {
    local deny=$1 copy=checks/advisories.tar.xz
    # Named by cargo-deny after the address of the database.
    local database=target/advisories/advisory-db-3157b0e258782691
    if GIT_TERMINAL_PROMPT=0 timeout 60 "$deny" --log-level off fetch db >/dev/null 2>&1; then
        echo "advisories: the newest"
    else
        if [ ! -d "$database/.git" ] || [ "$copy" -nt "$database/.git/HEAD" ]; then
            rm -rf "$database" && mkdir -p "$database" && tar -xJf "$copy" -C "$database"
            local git=(git -C "$database" -c user.name=copy -c user.email=copy@localhost)
            "${git[@]}" init --quiet && "${git[@]}" add --all
            GIT_COMMITTER_DATE="$(stat -c %y "$database/crates")" "${git[@]}" commit --quiet --message "copy"
        fi
        echo "advisories: the database cannot be fetched here; those known on $(git -C "$database" log -1 --format=%cs) are checked"
    fi
}

# The crates we depend on: known weaknesses, licences, and where they come from.
dependencies() {
    need git git
    need xz xz-utils
    python_programs
    advisories "$python/bin/cargo-deny"
    "$python/bin/cargo-deny" --offline --log-level error check
}

# Sends the program that the tests built all kinds of requests that its OpenAPI document allows and forbids.
openapi() {
    python_programs
    "$python/bin/python" checks/openapi.py "$target/debug/fairseat" "$python/bin/schemathesis"
}

# The pages as visitors use them, in Debian's Chromium; the types in the scripts' comments; the unit tests of the scripts.
pages() {
    local installed=target/pages
    need chromium chromium
    need node nodejs
    need npm npm
    if ! cmp -s checks/web/package-lock.json "$installed/package-lock.json" || [ ! -d "$installed/node_modules" ]; then
        mkdir -p "$installed"
        cp checks/web/package.json checks/web/package-lock.json "$installed/"
        (cd "$installed" && npm ci --silent --no-audit --no-fund)
    fi
    cmp "$installed/node_modules/uplot/dist/uPlot.iife.min.js" crates/web/static/js/vendor/uplot.min.js
    "$installed/node_modules/.bin/tsc" --project checks/web/tsconfig.json
    "$installed/node_modules/.bin/tsc" --project checks/web/tsconfig.worker.json
    node --test crates/web/tests/
    local check
    for check in story axe budgets stillness; do
        node --test-reporter=spec "checks/web/$check.mjs" "$target/debug/fairseat"
    done
}

# Simulated histories on a machine that fails in every way, judged by an independent model. Planted bugs prove in the long run that the
# judge notices errors; they need a build of their own.
simulation() {
    if [ -n "${FAIRSEAT_LONG:-}" ]; then
        cargo test --quiet -p fairseat-sim --features planted-bugs --test planted
        "$target/ci/fairseat-sim" --histories 50000 --seed 100000 --jobs 2
    else
        "$target/ci/fairseat-sim" --histories 1000 --seed 1 --jobs 2
    fi
}

docs() { RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --workspace --document-private-items; }

began=$SECONDS
step "tools" tools
step "format" cargo fmt --all --check
step "tidy" cargo test --quiet -p xtask
step "dependencies" dependencies
step "lints" cargo clippy --quiet --workspace --all-targets -- -D warnings
step "docs" docs
step "PostgreSQL" postgres
step "tests" tests
step "API on PostgreSQL" tests_on_postgres
[ -z "${FAIRSEAT_LONG:-}" ] || step "bus on a real broker" bus_on_a_real_broker
step "openapi" openapi
step "pages" pages
step "optimised simulation" cargo build --quiet --profile ci -p fairseat-sim
step "simulation" simulation
echo "test.sh: everything passed in $((SECONDS - began)) s"
