#!/bin/sh
case "$1" in
  backup) echo backup ;;
  restore) echo restore ;;
esac
