#!/usr/bin/env bash
# Opens a pull request with what changed, or renews the one that is open; nothing where no file changed.
set -euo pipefail

bot=41898282+github-actions[bot]@users.noreply.github.com

main() {
  local title="Update GuardDuty runbooks" body=$RUNNER_TEMP/guardduty-runbooks-body.md
  local unreadable="The branch $BRANCH cannot be read; the log says why. The job needs contents: write."
  local unopened="The pull request cannot be opened or renewed; the log says why. The job needs pull-requests: write, \
and Actions have to be allowed to open pull requests (Settings, Actions, General)."
  local seen committer url found=0
  git add --all -- "$OUTDIR" \
    || fail "git cannot add $OUTDIR; it has to be a folder of the repository that is not ignored."
  if git diff --cached --quiet; then
    echo "No runbook changed, so there is no pull request."
    return
  fi
  seen=$(with_token ls-remote --exit-code origin "refs/heads/$BRANCH") || found=$?
  seen=${seen%%[[:space:]]*}
  case $found in
  0)
    with_token fetch --quiet --depth=1 origin "$seen" || fail "$unreadable"
    committer=$(git log -1 --format=%ce "$seen")
    [ "$committer" = "$bot" ] || fail "Somebody committed to $BRANCH; merge or delete it first."
    ;;
  2) ;; # There is no such branch.
  *) fail "$unreadable" ;;
  esac
  git -c user.name="github-actions[bot]" -c user.email="$bot" commit --quiet --message "$title" \
    || fail "git cannot commit $OUTDIR; the log says why."
  # Only over what was looked at above: somebody may have pushed since.
  with_token push --quiet --force-with-lease="refs/heads/$BRANCH:$seen" origin "HEAD:refs/heads/$BRANCH" \
    || fail "The branch $BRANCH cannot be pushed; the log says why. The job needs contents: write, \
and no rule may guard the branch."
  # GitHub takes 65,536 characters. iconv leaves out the character that head cuts, and then ends with 1.
  head -c 60000 "$SUMMARY" | iconv -c -f utf-8 -t utf-8 >"$body" || true
  # A fork's branch may have the same name.
  url=$(gh pr list --head "$BRANCH" --base "$BASE" --state open --json url,isCrossRepository \
    --jq 'map(select(.isCrossRepository | not)) | .[0].url // ""') || fail "$unopened"
  if [ -n "$url" ]; then
    gh pr edit "$url" --title "$title" --body-file "$body" || fail "$unopened"
  else
    url=$(gh pr create --head "$BRANCH" --base "$BASE" --title "$title" --body-file "$body") || fail "$unopened"
  fi
  echo "pull-request=$url" >>"$GITHUB_OUTPUT"
}

# Asks for the token where origin wants one: nothing on disk has it.
with_token() {
  git -c credential.helper= -c "credential.helper=!gh auth git-credential" "$@"
}

fail() {
  error "$1"
  exit 1
}

error() {
  echo "::error title=GuardDuty runbooks::$1"
}

main
