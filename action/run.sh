#!/usr/bin/env bash
# Runs the program, and opens a pull request with what it changed. The job ends with the program's
# status, after the pull request: 1 and 4 leave something for people to do.
set -euo pipefail

summary=$RUNNER_TEMP/guardduty-runbooks-summary.md
bot=41898282+github-actions[bot]@users.noreply.github.com

main() {
  local status=0 url=""
  : >"$summary"
  program || status=$?
  case $status in
  0 | 1 | 4) ;;
  *) exit "$status" ;;
  esac
  cat "$summary" >>"$GITHUB_STEP_SUMMARY"
  if [ "$COMMAND" = update ] && [ "$PULL_REQUEST" = true ]; then
    url=$(pull_request)
  fi
  {
    echo "status=$status"
    echo "summary=$summary"
    echo "pull-request=$url"
  } >>"$GITHUB_OUTPUT"
  case $status in
  1) echo "::error title=GuardDuty runbooks::Something remains to be done; the summary lists it." ;;
  4) echo "::error title=GuardDuty runbooks::Done in part; the log says what is missing." ;;
  esac
  exit "$status"
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
    echo "::error title=GuardDuty runbooks::The command is update or check, not $COMMAND."
    return 2
    ;;
  esac
}

# Prints the address of the pull request; nothing where no file changed. All else goes to stderr.
pull_request() {
  git add --all -- "$OUTDIR" >&2
  if git diff --cached --quiet; then
    echo "No runbook changed, so there is no pull request." >&2
    return 0
  fi
  if git fetch --quiet --depth=1 origin "refs/heads/$BRANCH" 2>/dev/null \
    && [ "$(git log -1 --format=%ce FETCH_HEAD)" != "$bot" ]; then
    echo "::error title=GuardDuty runbooks::Somebody committed to $BRANCH; merge or delete it first." >&2
    return 1
  fi
  local title body url
  title="Update GuardDuty runbooks"
  body=$RUNNER_TEMP/guardduty-runbooks-body.md
  # GitHub takes 65,536 characters.
  head -c 60000 "$summary" | iconv -c -f utf-8 -t utf-8 >"$body"
  git -c user.name="github-actions[bot]" -c user.email="$bot" commit --quiet --message "$title" >&2
  git push --quiet --force origin "HEAD:refs/heads/$BRANCH" >&2
  url=$(gh pr list --head "$BRANCH" --base "$BASE" --state open --json url --jq '.[0].url // ""')
  if [ -n "$url" ]; then
    gh pr edit "$url" --title "$title" --body-file "$body" >&2
  else
    url=$(gh pr create --head "$BRANCH" --base "$BASE" --title "$title" --body-file "$body")
  fi
  echo "$url"
}

main
