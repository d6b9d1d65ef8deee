#!/bin/bash
set -eu

KEY=/data/signing.key
if [ ! -s "$KEY" ]; then generate_signing_key --output_file "$KEY"; fi
chown 991:991 /data "$KEY"

# Synapse ends when its database is not there yet.
until (exec 3<> /dev/tcp/db/5432) 2> /dev/null; do sleep 1; done
exec /start.py
