#!/bin/sh
# bake.sh FOLDER: makes of a Debian machine the image, for every service in every environment; run as root
#
# FOLDER holds app/ (the programs), tree/ (what configures them) and wheels/ (envtree and what it needs). Nothing of it
# stays but what the machines run. On a machine that runs it, `envtree down` comes first; then it can be baked again.
set -eu
umask 022
export DEBIAN_FRONTEND=noninteractive
out=/etc/envtree
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo '== programs'
packages='python3 python3-venv runit' # runit alone supervises nothing: its init and its unit are other packages
# shellcheck disable=SC2086
dpkg-query -W -f '${db:Status-Status}\n' $packages 2>&1 | grep -qvx installed && {
    apt-get -q update
    apt-get -qy install --no-install-recommends $packages
}
rm -rf /srv/app
cp -R "$1/app" /srv/app

echo '== users'
for user in app store; do
    id "$user" >/dev/null 2>&1 ||
        useradd --system --user-group --home-dir /nonexistent --shell /usr/sbin/nologin "$user"
done
install -d -o store -g store -m 0750 /var/lib/store

echo '== envtree'
python3 -m venv --clear /opt/envtree
/opt/envtree/bin/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps "$1"/wheels/*.whl
/opt/envtree/bin/python -m pip uninstall --quiet --yes setuptools pip
ln -sfn /opt/envtree/bin/envtree /usr/local/bin/envtree # where both inits look

echo '== configuration'
cp -R "$1/tree" "$work/tree" # as root's own: schemas that others can write are refused
envtree build -C "$work/tree" --out "$out"
envtree verify "$out"

echo '== start and stop with the machine'
envtree init --boot --quiet --out "$out" "$work"
if command -v systemctl >/dev/null; then
    install -m 0644 "$work/boot/systemd/envtree.service" /etc/systemd/system/
    systemctl enable envtree.service
else
    rm -rf /etc/sv/envtree
    cp -R "$work/boot/runit/envtree" /etc/sv/envtree
    ln -sfn /etc/sv/envtree /etc/service/envtree
    install -m 0755 "$work/boot/runit/rc.shutdown" /etc/runit/rc.shutdown
fi

echo '== nothing of this machine'
apt-get clean
rm -rf /var/lib/apt/lists/*
[ ! -e /etc/machine-id ] || : >/etc/machine-id # the next machine makes its own
! command -v cloud-init >/dev/null || cloud-init clean --logs
