/**
 * Docker's official images (docker-library/official-images) by name, those it no longer builds left out. A name without
 * a slash says only where an image would be, not that Docker looks after one there. To be followed up when one is new.
 */
const NAMES = `
adminer aerospike almalinux alpine alt amazoncorretto amazonlinux api-firewall arangodb archlinux backdrop bash bonita
buildpack-deps busybox caddy cassandra chronograf cirros clearlinux clefos clickhouse clojure composer convertigo
couchbase couchdb crate dart debian docker drupal eclipse-mosquitto eclipse-temurin eggdrop elasticsearch elixir emqx
erlang fedora flink fluentd friendica gazebo gcc geonetwork ghost golang gradle groovy haproxy haskell haxe hello-world
hitch httpd hylang ibm-semeru-runtimes ibmjava influxdb irssi jetty joomla jruby julia kapacitor kibana kong krakend
lightstreamer liquibase logstash mageia mariadb matomo maven mediawiki memcached mongo mongo-express monica mysql nats
neo4j neurodebian nextcloud nginx node odoo open-liberty openjdk oraclelinux orientdb percona perl photon php
phpmyadmin plone postfixadmin postgres pypy python r-base rabbitmq rakudo-star redis redmine registry rethinkdb
rocket.chat rockylinux ros ruby rust sapmachine satosa scratch silverpeas sl solr sonarqube spark spiped storm swift
swipl teamspeak telegraf tomcat tomee traefik ubuntu unit varnish websphere-liberty wordpress xwiki yourls znc zookeeper
`;
const OFFICIAL = new Set(NAMES.split(/\s+/).filter(Boolean));

/** Whether a name, without Docker's own registry and `library/`, is that of an official image. */
export function isOfficialImage(name: string): boolean {
  return OFFICIAL.has(name);
}
