"""Settings, attributes, hooks, references and files by which a repository names programs of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.repositories import attempt, commit, git

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.adapters.hostile import Place

COMMON = "configs/common.yaml"


def attributes(here: Place, text: str) -> None:
    """For every file, without changing what is committed."""
    here.write(".git/info/attributes", text)


def touch_all(here: Place) -> None:
    """Git no longer knows whether files changed, and has to look at them."""
    for path in (here.top / "configs").rglob("*.yaml"):
        os.utime(path, (1, 1))


def filters(here: Place) -> None:
    attributes(here, "* filter=x\n")
    here.config(
        *((f"filter.x.{name}", str(here.payload)) for name in ("clean", "smudge")), ("filter.x.required", "true")
    )
    touch_all(here)


def filter_process(here: Place) -> None:
    attributes(here, "* filter=x\n")
    here.config(("filter.x.process", str(here.payload)))
    touch_all(here)


def committed_attributes(here: Place) -> None:
    """Named by files of the tree itself, at its top and deep in it."""
    line = "* filter=x diff=x merge=x ident text eol=crlf working-tree-encoding=UTF-16\n"
    here.config(
        ("filter.x.clean", str(here.payload)),
        ("filter.x.smudge", str(here.payload)),
        ("diff.x.textconv", str(here.payload)),
        ("diff.x.command", str(here.payload)),
        ("merge.x.driver", str(here.payload)),
    )
    here.write(".gitattributes", "* filter=x diff=x merge=x\n")
    here.write("configs/.gitattributes", line.replace(" working-tree-encoding=UTF-16", ""))
    attempt(here.top, "-c", "filter.x.clean=", "-c", "filter.x.smudge=", "add", ".")
    attempt(here.top, "-c", "filter.x.clean=", "commit", "-q", "-m", "attributes")
    here.mark.unlink(missing_ok=True)
    touch_all(here)


def textconv(here: Place) -> None:
    attributes(here, "* diff=x\n")
    here.config(("diff.x.textconv", str(here.payload)), ("diff.x.cachetextconv", "true"))


def external_diff(here: Place) -> None:
    attributes(here, "* diff=x\n")
    here.config(("diff.x.command", str(here.payload)), ("diff.external", str(here.payload)))


def hooks(here: Place) -> None:
    names = "applypatch-msg commit-msg fsmonitor-watchman post-checkout post-commit post-index-change post-merge "
    names += "post-rewrite pre-auto-gc pre-commit pre-push pre-rebase prepare-commit-msg reference-transaction update"
    for name in names.split():
        for folder in (".git/hooks", ".git/more-hooks"):
            here.write(f"{folder}/{name}", here.payload.read_text()).chmod(0o755)
    here.config(("core.hooksPath", ".git/more-hooks"))


def aliases(here: Place) -> None:
    used = "rev-parse ls-tree ls-files cat-file rev-list blame merge-base merge-tree log show diff status zz"
    here.config(*((f"alias.{name}", f"!{here.payload}") for name in used.split()))


def signatures(here: Place) -> None:
    """Commits and tags that are signed, by a program that says that all is well."""
    signer = here.top.parent / "signer"
    signer.write_text(
        "#!/bin/sh\ncat > /dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\n"
        "echo '-----BEGIN PGP SIGNATURE-----'\necho\necho '-----END PGP SIGNATURE-----'\n"
    )
    signer.chmod(0o755)
    (here.top / COMMON).write_text("A: 4\nB: hidden\n")
    git(here.top, "-c", f"gpg.program={signer}", "commit", "-q", "-a", "-S", "-m", "signed")
    git(here.top, "-c", f"gpg.program={signer}", "tag", "-s", "-m", "signed", "signed")
    here.config(
        ("gpg.program", str(here.payload)),
        ("gpg.ssh.program", str(here.payload)),
        ("log.showSignature", "true"),
        ("merge.verifySignatures", "true"),
        ("commit.gpgSign", "true"),
    )


def without_a_blob(here: Place, *settings: tuple[str, str]) -> None:
    """A partial clone: what is missing would be fetched when it is needed, from wherever the configuration says."""
    lost = git(here.top, "rev-parse", f"HEAD~1:{COMMON}")
    (here.top / ".git/objects" / lost[:2] / lost[2:]).unlink()
    here.config(
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"),
        *((f"protocol.{name}.allow", "always") for name in ("ext", "file", "ssh", "git", "http", "https")),
        ("protocol.allow", "always"),
        *settings,
    )


def by_uploadpack(here: Place) -> None:
    git(here.top.parent, "clone", "-q", "--bare", "repository", "other.git")
    without_a_blob(
        here, ("remote.origin.url", str(here.top.parent / "other.git")), ("remote.origin.uploadpack", str(here.payload))
    )


def network(here: Place) -> None:
    here.config(
        ("core.sshCommand", str(here.payload)),
        ("core.gitProxy", str(here.payload)),
        ("core.askPass", str(here.payload)),
        ("credential.helper", str(here.payload)),
        ("remote.origin.url", "ssh://127.0.0.1:9/x"),
        ("remote.origin.receivepack", str(here.payload)),
        ("fetch.recurseSubmodules", "true"),
    )


def alternate_references(here: Place) -> None:
    git(here.top.parent, "clone", "-q", "--bare", "repository", "lender.git")
    here.write(".git/objects/info/alternates", f"{here.top.parent}/lender.git/objects\n")
    here.config(("core.alternateRefsCommand", str(here.payload)))


def included(here: Place) -> None:
    here.write(".git/evil", f"[core]\n\tfsmonitor = {here.payload}\n")
    here.config(("include.path", "evil"), ("includeIf.gitdir:**.path", "evil"), ("includeIf.onbranch:**.path", "evil"))


def worktree_configuration(here: Place) -> None:
    here.config(("extensions.worktreeConfig", "true"))
    here.write(".git/config.worktree", f"[core]\n\tfsmonitor = {here.payload}\n")


def repository_elsewhere(here: Place) -> None:
    """`.git` is a file, and the repository lies outside, with a configuration of its own."""
    (here.top / ".git").rename(here.top.parent / "elsewhere.git")
    (here.top / ".git").write_text("gitdir: ../elsewhere.git\n")
    here.config(("core.fsmonitor", str(here.payload)))


def editors(here: Place) -> None:
    here.config(*((name, str(here.payload)) for name in ("core.editor", "sequence.editor", "trailer.x.command")))


def viewers(here: Place) -> None:
    """Of help, which every command of git shows that is given a revision of the name `--help`."""
    names = ("man.x.cmd", "man.x.path", "browser.x.cmd")
    here.config(*((name, str(here.payload)) for name in names), ("man.viewer", "x"), ("help.format", "man"))


def pagers(here: Place) -> None:
    names = ("core.pager", *(f"pager.{name}" for name in ("log", "blame", "show", "diff", "ls-tree", "cat-file")))
    here.config(*((name, f"{here.payload} -") for name in names), ("interactive.diffFilter", str(here.payload)))


def replaced(here: Place) -> None:
    """Git shows other content under the same ids, and another history."""
    fake = git(here.top, "hash-object", "-w", "--stdin", stdin="A: 666\nB: hidden\n")
    for name in ("HEAD", "HEAD~1"):
        git(here.top, "replace", git(here.top, "rev-parse", f"{name}:{COMMON}"), fake)
    first = git(here.top, "commit-tree", "-m", f"{here.mark} was here", "HEAD~2^{tree}")
    git(here.top, "replace", "HEAD", first)
    git(here.top, "commit-graph", "write", "--reachable")


def grafted(here: Place) -> None:
    """Another history again: the last commit comes from nowhere, the one before it from the future."""
    last, before = git(here.top, "rev-parse", "HEAD"), git(here.top, "rev-parse", "HEAD~1")
    here.write(".git/info/grafts", f"{last}\n{before} {git(here.top, 'rev-parse', 'HEAD~2')} {last}\n")


def submodules(here: Place) -> None:
    """With commands in `.gitmodules`, and in the configuration that a user's `submodule init` would make of it."""
    here.write(".gitmodules", '[submodule "x"]\n\tpath = sub\n\turl = ./.git\n\tupdate = none\n')
    identity = git(here.top, "rev-parse", "HEAD")
    git(here.top, "update-index", "--add", "--cacheinfo", f"160000,{identity},sub")
    git(here.top, "add", ".gitmodules")
    git(here.top, "commit", "-q", "-m", "a submodule")
    git(here.top.parent, "clone", "-q", "repository", "repository/sub")
    here.config(
        ("submodule.x.update", f"!{here.payload}"), ("submodule.x.url", str(here.top)), ("submodule.x.active", "true")
    )


def shim(here: Place) -> None:
    """Programs in the tree itself that have the names of those that are run."""
    for folder in (".", "configs", ".git", "bin"):
        for name in ("git", "git-rev-parse", "git-ls-tree", "git-cat-file", "sh", "python3", "env"):
            here.write(f"{folder}/.{name}" if folder == "configs" else f"{folder}/{name}", here.payload.read_text())
    for path in here.top.rglob("*"):
        if path.name.lstrip(".") in ("git", "sh", "env") and path.is_file():
            path.chmod(0o755)


def many_references(here: Place) -> None:
    """Branches and tags that look like options, ranges, targets and paths; HEAD is one of them."""
    identity = git(here.top, "rev-parse", "HEAD")
    names = (
        "-x",
        "--output=mark",
        "--exec=payload",
        "--",
        "-",
        "production/accounts/web",
        "configs/x",
        "HEAD",
        "@x",
        "é",
    )
    for name in names:
        for kind in ("heads", "tags"):
            attempt(here.top, "update-ref", f"refs/{kind}/{name}", identity)
    attempt(here.top, "update-ref", "refs/heads/main...x", identity)
    git(here.top, "symbolic-ref", "HEAD", "refs/heads/--output=mark")


def traces(here: Place) -> None:
    here.config(*((f"trace2.{name}Target", str(here.mark)) for name in ("normal", "perf", "event")))


def elsewhere(here: Place) -> None:
    """The working tree is said to be the folder outside, with attributes and a mailmap of its own."""
    outside = here.top.parent / "outside"
    outside.mkdir()
    (outside / ".gitattributes").write_text("* filter=x diff=x\n")
    here.config(
        ("core.worktree", str(outside)), ("filter.x.clean", str(here.payload)), ("diff.x.textconv", str(here.payload))
    )


def files_of_others(here: Place) -> None:
    """Settings that name files to read: none is a program, and none may be written to."""
    names = "blame.ignoreRevsFile core.attributesFile core.excludesFile mailmap.file diff.orderFile commit.template"
    here.config(*((name, str(here.payload)) for name in names.split()))


def merge_drivers(here: Place) -> None:
    attributes(here, "* merge=x\n")
    here.config(("merge.x.driver", str(here.payload)), ("merge.default", "x"), ("mergetool.x.cmd", str(here.payload)))
    git(here.top, "checkout", "-q", "-b", "theirs", "HEAD~2")
    commit(here.top, {COMMON: "A: 9\nB: hidden\n"})
    git(here.top, "checkout", "-q", "main")


def big_files(here: Place) -> None:
    here.config(
        ("core.bigFileThreshold", "1"),
        ("core.compression", "9"),
        ("core.packedGitLimit", "1"),
        ("pack.threads", "9999"),
    )


def odd_formats(here: Place) -> None:
    """Settings that change what git prints."""
    settings = (
        "log.date=format:%H log.decorate=full log.mailmap=true color.ui=always core.quotePath=false log.follow=true "
    )
    settings += "color.diff=always i18n.logOutputEncoding=UTF-16 i18n.commitEncoding=UTF-16 format.pretty=oneline "
    settings += (
        "core.abbrev=4 blame.showRoot=true blame.coloring=highlightRecent blame.date=relative log.showRoot=false "
    )
    settings += "core.precomposeUnicode=true core.ignoreCase=true blame.markIgnoredLines=true blame.blankBoundary=true"
    here.config(*((each.partition("=")[0], each.partition("=")[2]) for each in settings.split()))


def all_at_once(here: Place) -> None:
    """All that goes together."""
    for make in (hooks, aliases, network, included, editors, pagers, files_of_others, traces, alternate_references):
        make(here)
    attributes(here, "* filter=x diff=x merge=x\n")
    names = (
        "filter.x.clean",
        "filter.x.smudge",
        "filter.x.process",
        "diff.x.textconv",
        "diff.x.command",
        "diff.external",
    )
    here.config(*((name, str(here.payload)) for name in (*names, "core.fsmonitor", "gpg.program", "merge.x.driver")))
    touch_all(here)


def promising(name: str, *settings: tuple[str, str]) -> Callable[[Place], None]:
    return lambda here: without_a_blob(
        here,
        *((key, value.format(payload=here.payload)) for key, value in settings),
        ("remote.origin.url", name.format(payload=here.payload)),
    )
