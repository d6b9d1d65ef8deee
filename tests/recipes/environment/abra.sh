export CONF_VERSION=v1
export TAKEN=abra # stays
