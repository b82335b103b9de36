"""Word lists. The configuration's `lint` table extends some of them."""

_STOCK = """
a about active actively affecting all an and any apologise apologize are as at aware back be been being by cause
caused closed closely confirmed continue continues continuing currently deployed details engineers ensure
experiencing fix fixed for from fully further has have hear identified implemented in incident incidents
inconvenience information into investigate investigated investigating is issue issues it keep looking matter may
monitor monitoring more now of on ongoing or our outage patience possible post potential problem problems progress
provide re related reports resolve resolved resolving results root serious situation some soon sorry still team
teams thank thanks that the this to under update updated updates we when will with work working you your
"""
STOCK = frozenset(_STOCK.split())
"""A text of only these words tells readers nothing."""

_ORDINARY_NAMES = """
amber an april art august autumn bill case chase dawn dean drew faith gene grace grant guy hope in iris jack jade
joy june lily mark max may miles min page pat pearl ray rich rob rose ruby sky so sue summer will winter young
"""
ORDINARY_NAMES = frozenset(_ORDINARY_NAMES.split())
"""First names that are also words; people with these names are found by their full name only."""

JARGON = {
    "blast radius": "who is affected",
    "cron job": "a scheduled task",
    "failover": "since we switched to a spare system",
    "failed over": "switched to a spare system",
    "hotfix": "fix",
    "ingress": "our servers",
    "k8s": "our servers",
    "kafka": "our internal messages",
    "kubernetes": "our servers",
    "mitigate": "limit the effect",
    "nginx": "our servers",
    "oom": "a lack of memory",
    "p50": "usual waiting time",
    "p95": "longest waiting times",
    "p99": "longest waiting times",
    "pod": "server",
    "pods": "servers",
    "postgres": "our database",
    "rabbitmq": "our internal messages",
    "redis": "our data storage",
    "replica": "copy",
    "replicas": "copies",
    "shard": "part of our data storage",
    "shards": "parts of our data storage",
}
"""Words that only engineers know -> what to write instead; a company can add its own."""

_VENDORS = """
Akamai Algolia Amazon Anthropic Atlassian Auth0 AWS Azure Backblaze Braintree Cloudflare Cloudfront Confluent
Databricks Datadog DigitalOcean Elastic Equinix Fastly Fly.io GCP Google Heroku Hetzner Imperva Level3 Linode Lumen
Mailchimp Mailgun Microsoft MongoDB Mandrill Netlify Okta OpenAI Oracle OVH OVHcloud PagerDuty PayPal Plaid Postmark
Pusher Rackspace Salesforce SendGrid Segment Snowflake Stripe Supabase Telia Tencent Twilio Vercel Verizon Vonage
Vultr Worldpay Zscaler Zoom Adyen Comcast CrowdStrike
"""
VENDORS = tuple(_VENDORS.split())
"""Suppliers of many companies. A component with such a name is not one."""

SHORT_ENVIRONMENTS = frozenset(("prod", "prd", "stg", "preprod", "uat"))
"""Environments whose names are not ordinary words."""

_ENVIRONMENTS = """
prod production prd stag staging stg preprod canary uat
"""
ENVIRONMENTS = frozenset(_ENVIRONMENTS.split())
"""The environments that machines run in."""

_TECHNICAL = """
pg psql postgres postgresql mysql sql mariadb mongo mongodb redis memcached kafka zk zookeeper rabbitmq mq etcd
consul k8s kube eks gke aks ecs nomad ceph osd haproxy nginx lb elb alb nlb srv svr vm esx esxi db gw bastion
jumphost ldap nfs dns vpn elasticsearch cassandra clickhouse cron cronjob airflow celery envoy flink fluentd
gunicorn influxdb istio jaeger jenkins keycloak kibana kong logstash minio nats prometheus pulsar puma sidekiq
spark temporal traefik varnish vault coredns ingress activemq statefulset daemonset deployment replicaset pod
"""
TECHNICAL = frozenset(_TECHNICAL.split())
"""Name parts that customers never read."""

_ROLES = """
app api web www server host node worker queue cache proxy edge gateway fw firewall router rtr switch sw balancer
backend frontend auth session store storage stor broker shard scheduler ingest indexer mail mx ns smtp batch
replica primary master slave lnx linux elastic es agent runner rack
"""
ROLES = TECHNICAL | frozenset(_ROLES.split())
"""Roles of machines."""

_MACHINES = """
db lb elb alb nlb srv svr vm esx esxi fw gw
"""
MACHINES = frozenset(_MACHINES.split())
"""Followed by a number, these name machines and not product versions."""

_MANNERS = """
primary replica master slave standby secondary leader follower blue green a b active passive writer reader main
dev test qa rw ro cluster pool
"""
MANNERS = ENVIRONMENTS | frozenset(_MANNERS.split())
"""Name parts that distinguish machines with the same role."""

_NO_SURNAMES = """
actions git systems alerts scanning api app apps branch business center chat cloud code console core data
desktop engine enterprise explorer gateway hub insights issues ledger manager maps mobile models network
notifications pages pipeline pipelines platform plus portal print pro queue requests review reviews search
server service services sign status storage store studio suite support sync system team teams tool tools users
vision web workspace workspaces customers
"""
NO_SURNAMES = frozenset(_NO_SURNAMES.split())
"""Last words of product and team names."""
