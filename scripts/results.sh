# Sourced by what runs tests: counts results, tells failures, and ends with the sum.
# shellcheck shell=bash

passed=0 failed=0 skipped=0
ran=0 # tests that passed or failed
budget=false # true: a run that its time ends has had its share; what it did not come to is skipped, not failed

# Ends with the sum, and with STATUS, or else 1 when something failed.
finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	exit "${1:-$((failed > 0))}"
}

# Notes a failure that is not a test's, with the beginning of its output.
fail() {
	failed=$((failed + 1))
	echo "  FAILED $1"
	sed -n '1,30s/^/    /p'
}

# Reads a TRX file: first line PASSED FAILED SKIPPED, then what a person wants to know. A '<' always begins a tag.
read_trx() {
	awk '
		BEGIN { RS = "<"; passed = failed = skipped = 0 }
		/^UnitTestResult / { test = attribute("testName"); outcome = attribute("outcome"); message = place = "" }
		/^Message>/ { message = text($0) }
		/^StackTrace>/ && match($0, / in [^\n]*:line [0-9]+/) { place = text(">" substr($0, RSTART + 1, RLENGTH - 1)) }
		/^UnitTestResult .*\/>/ || /^\/UnitTestResult>/ { count() }
		END { printf "%d %d %d\n%s", passed, failed, skipped, details }

		function count() {
			if (outcome == "Passed") passed++
			else if (outcome == "NotExecuted") { skipped++; details = details "  skipped " test ": " message "\n" }
			else {
				failed++
				gsub(/\n/, "\n    ", message)
				details = details "  FAILED " test "\n    " message "\n" (place == "" ? "" : "    " place "\n")
			}
		}
		function attribute(name) { return match($0, " " name "=\"[^\"]*\"") ? text(">" substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)) : "" }
		function text(s) {
			sub(/^[^>]*>/, "", s)
			gsub(/\r|&#xD;/, "", s); gsub(/&#xA;/, "\n", s); gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s)
			gsub(/&quot;/, "\"", s); gsub(/&apos;/, "\047", s); gsub(/&amp;/, "\\&", s)
			return s
		}
	' "$1"
}

# Counts the results of a test run: take_run NAME TRX LOG STATUS SECONDS.
take_run() {
	local name=$1 trx=$2 log=$3 status=$4 seconds=$5 p=0 f=0 s=0 details=
	if [[ -f $trx ]]; then
		{ read -r p f s && details=$(cat); } < <(read_trx "$trx")
	fi
	echo "$p passed, $f failed, $s skipped ($seconds s)"
	if [[ $details ]]; then printf '%s\n' "$details"; fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s)) ran=$((ran + p + f))
	if $budget && { ((status == 124)) || grep -q '^Aborting test run: test run timeout' "$log"; }; then
		skipped=$((skipped + 1))
		echo "  skipped: what $name had not come to in $seconds s, its share of the time"
		grep -o 'Long Running Test.*' "$log" | tail -n 3 | sed 's/^/    /' || true
	elif [[ ! -f $trx ]] || ((status != 0 && f == 0)) || grep -q '^Test Run Aborted' "$log"; then
		# A time limit or a crash: the end of the log names the tests that were running. Stack frames only hide them.
		fail "$name broke off ($(if ((status == 124)); then echo "not finished in $seconds s"; else echo "exit code $status"; fi); $log)" < <(grep -v '^ *at ' "$log" | tail -n 15)
	fi
}
