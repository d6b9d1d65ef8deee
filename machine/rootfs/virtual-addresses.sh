#!/bin/bash
# Leads the virtual address of each service to its tasks, as IPVS does where the kernel has it: its name leads to one
# address, whichever task is behind that.
#
# Each network has a load balancer's namespace on each node, in which Docker has IPVS know addresses and tasks (moby,
# libnetwork/service_linux.go). Here NAT does, by what Docker knows of the network: services, and of their tasks those
# that are up and healthy (Engine API, NetworkInspect with verbose).
set -u -o pipefail

readonly SOCKET=/run/docker.sock NAMESPACES=/run/docker/netns
# Of tasks Docker tells before they are up, and of networks before their services are there.
readonly FILTERS='{"type":["container","network"],"event":["start","kill","die","health_status","connect","disconnect"]}'
# shellcheck disable=SC2016 # jq's own variables
readonly READ='def addresses: map(select(test("^[0-9.]+$"))); select(.Id)
  | [.Id[:9], ([(.Services // {})[] | {address: [.VIP] | addresses[], tasks: [(.Tasks // [])[].EndpointIP] | addresses}
  | select(.tasks != []) | "\(.address)=\(.tasks | sort | join(","))"] | sort | join(" "))] | join("\t")'

declare -A known=()

# All addresses of one network. $1: the namespace, $2: "ADDRESS=TASK,TASK ...", $3: the same of before
lead() {
  local pair address task tasks left turn
  {
    printf '*nat\n:SERVICES - [0:0]\n'
    for pair in $2; do
      address=${pair%%=*} tasks=${pair#*=}
      IFS=, read -r -a tasks <<< "$tasks"
      left=${#tasks[@]}
      for task in "${tasks[@]}"; do
        turn=""
        [ "$left" -gt 1 ] && turn="-m statistic --mode nth --every $left --packet 0"
        echo "-A SERVICES -d $address $turn -j DNAT --to-destination $task"
        left=$((left - 1))
      done
    done
    echo COMMIT
  } > /run/virtual-addresses.rules
  # shellcheck disable=SC2016 # by the shell in there
  nsenter --net="$1" bash -c '
    iptables-restore --wait --noflush < /run/virtual-addresses.rules || exit
    if ! iptables --wait -t nat -C PREROUTING -j SERVICES 2> /dev/null; then
      iptables --wait -t nat -A PREROUTING -j SERVICES
      iptables --wait -t nat -A POSTROUTING -o eth0 -m conntrack --ctstate DNAT -j MASQUERADE
    fi
    has=" $(ip -o -4 addr show dev eth0 | grep -o "[0-9.]*/32" | tr "\n" " ")"
    for pair in $1; do
      address=${pair%%=*}/32
      case $has in *" $address "*) has=${has/ $address / } ;; *) ip addr add "$address" dev eth0 ;; esac
    done
    for address in $has; do ip addr del "$address" dev eth0; done
    # Who goes on sending to a task that is gone is led to another.
    for task in $(printf "%s\n" $2 | cut -d= -f2 | tr , "\n"); do
      case ",${1//[ =]/,}," in *",$task,"*) ;; *) conntrack -D -r "$task" > /dev/null 2>&1 ;; esac
    done
    true
  ' bash "$2" "$3"
}

look() {
  local path id pairs inode seen before urls=()
  local -A inodes=()
  # Docker may make one anew under its old name.
  while read -r path inode; do
    inodes[${path##*/lb_}]=$inode
    urls+=("http://docker/networks/${path##*/lb_}?verbose=true")
  done < <(stat --dereference --format "%n %i" "$NAMESPACES"/lb_* 2> /dev/null)
  [ ${#urls[@]} -gt 0 ] || return 0
  while IFS=$'\t' read -r id pairs; do
    seen="${inodes[$id]-} $pairs" before=${known[$id]-} path=$NAMESPACES/lb_$id
    [ "$before" = "$seen" ] && continue
    # A file of that name comes a moment before the namespace is mounted there.
    [ "$(stat --file-system --format %T "$path" 2> /dev/null)" = nsfs ] || continue
    if lead "$path" "$pairs" "${before#* }"; then known[$id]=$seen; else unset "known[$id]"; fi
  done < <(curl --silent --unix-socket "$SOCKET" "${urls[@]}" | jq --raw-output "$READ" 2> /dev/null)
}

# Docker tells of a task a moment before it has it among its network's, so there is more than one look.
again=0
while [ ! -e /proc/net/ip_vs ]; do
  look
  case $again in 2) wait=0.2 ;; 1) wait=0.6 ;; *) wait=30 ;; esac
  again=$((again > 0 ? again - 1 : 0))
  if read -r -t "$wait" _; then
    while read -r -t 0.05 _; do :; done
    again=2
  elif [ $? -le 128 ]; then
    exit 1 # Docker ended.
  fi
done < <(curl --silent --no-buffer --get --unix-socket "$SOCKET" --data-urlencode "filters=$FILTERS" http://docker/events)
