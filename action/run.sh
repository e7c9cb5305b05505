#!/usr/bin/env bash
# Runs the program. Its status is an output: 1 and 4 leave something for people to do, after the pull
# request; with any other the job ends here.
set -euo pipefail

summary=$RUNNER_TEMP/guardduty-runbooks-summary.md

main() {
  local status=0
  : >"$summary"
  program || status=$?
  # Later steps have these whatever becomes of the pull request.
  {
    echo "status=$status"
    echo "summary=$summary"
  } >>"$GITHUB_OUTPUT"
  case $status in
  0) ;;
  1) error "Something remains to be done; the summary lists it." ;;
  4) error "Done in part; the log says what is missing." ;;
  *) exit "$status" ;;
  esac
  cat "$summary" >>"$GITHUB_STEP_SUMMARY"
}

program() {
  local line arguments=(--source "$SOURCE" --outdir "$OUTDIR" --summary "$summary")
  while IFS= read -r line; do
    [ -z "$line" ] || arguments+=("$line")
  done <<<"$ARGUMENTS"
  case $COMMAND in
  update) "$PROGRAM" update "${arguments[@]}" ;;
  check) "$PROGRAM" check --format github "${arguments[@]}" ;;
  *)
    error "The command is update or check, not $COMMAND."
    return 2
    ;;
  esac
}

# Starts this script anew without what a job may have set for other steps. Before that, the program could
# still read it from the process that started it.
without_secrets() {
  local name hidden=()
  for name in $(compgen -e); do
    case $name in
    ACTIONS_* | AWS_* | *AUTH* | *CREDENTIAL* | *KEY* | *PASS* | *_PAT | *_PAT_* | *PRIVATE* | *SECRET* | *TOKEN*)
      hidden+=(-u "$name")
      ;;
    esac
  done
  [ "${#hidden[@]}" -eq 0 ] || exec env "${hidden[@]}" "$0"
}

error() {
  echo "::error title=GuardDuty runbooks::$1"
}

without_secrets
main
