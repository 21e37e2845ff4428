#!/bin/sh
# Runs a command as a container runtime would: in a root of its own, as a user of its own, without any capability.
#   container.sh ROOT READ_ONLY UID GID TMP_SIZE [SOURCE:TARGET:ro|rw]… -- NAME=VALUE… COMMAND ARGUMENT…
# TMP_SIZE 0: nothing can be written to /tmp either. Starts in a mount namespace that nobody else sees. The process keeps its id from here to the command.
set -eu
root=$1 read_only=$2 uid=$3 gid=$4 tmp_size=$5
shift 5

mount --make-rprivate /
mount -t tmpfs -o mode=755 container "$root"
mkdir -p "$root/etc" "$root/proc" "$root/dev" "$root/sys/fs/cgroup" "$root/tmp" "$root/app"

bind() {
  mkdir -p "$root$2"
  mount --bind "$1" "$root$2"
  [ "$3" = rw ] || mount -o remount,bind,ro "$root$2"
}

# The files of an image: those of this machine, seen and not touched.
for directory in /usr /bin /sbin /lib /lib64; do
  if [ -L "$directory" ]; then cp -P "$directory" "$root$directory"; else bind "$directory" "$directory" ro; fi
done
for directory in /etc/alternatives /etc/ssl /etc/java-*; do
  [ ! -d "$directory" ] || bind "$directory" "$directory" ro
done
for file in hosts resolv.conf nsswitch.conf ld.so.cache; do
  [ ! -f "/etc/$file" ] || cp "/etc/$file" "$root/etc/$file"
done
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
# Where a JVM reads its limits.
for controller in memory cpu; do
  mkdir -p "$root/sys/fs/cgroup/$controller"
  mount -t cgroup -o "$controller" cgroup "$root/sys/fs/cgroup/$controller" 2>/dev/null || rmdir "$root/sys/fs/cgroup/$controller"
done
[ -d "$root/sys/fs/cgroup/memory" ] || mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup" 2>/dev/null || true
[ "$tmp_size" = 0 ] || mount -t tmpfs -o "mode=1777,size=$tmp_size" tmp "$root/tmp"

while [ "$1" != -- ]; do
  mode=${1##*:} rest=${1%:*}
  bind "${rest%%:*}" "${rest#*:}" "$mode"
  shift
done
shift
[ "$read_only" = false ] || mount -o remount,ro "$root"

exec chroot "$root" /usr/bin/setpriv --reuid "$uid" --regid "$gid" --clear-groups --no-new-privs --bounding-set=-all \
  --inh-caps=-all /usr/bin/env -i "$@"
