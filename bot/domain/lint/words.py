"""Lists of words. The configuration's `lint` table adds to them where it can."""

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
"""A text of these alone tells readers nothing."""

_ORDINARY_NAMES = """
amber an april art august autumn bill case chase dawn dean drew faith gene grace grant guy hope in iris jack jade
joy june lily mark max may miles min page pat pearl ray rich rob rose ruby sky so sue summer will winter young
"""
ORDINARY_NAMES = frozenset(_ORDINARY_NAMES.split())
"""First names that are words too; their bearers are found by the whole name only."""

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
"""Words only engineers know -> what to write instead; a company adds its own."""

_VENDORS = """
Akamai Algolia Amazon Anthropic Atlassian Auth0 AWS Azure Backblaze Braintree Cloudflare Cloudfront Confluent
Databricks Datadog DigitalOcean Elastic Equinix Fastly Fly.io GCP Google Heroku Hetzner Imperva Level3 Linode Lumen
Mailchimp Mailgun Microsoft MongoDB Mandrill Netlify Okta OpenAI Oracle OVH OVHcloud PagerDuty PayPal Plaid Postmark
Pusher Rackspace Salesforce SendGrid Segment Snowflake Stripe Supabase Telia Tencent Twilio Vercel Verizon Vonage
Vultr Worldpay Zscaler Zoom Adyen Comcast CrowdStrike
"""
VENDORS = tuple(_VENDORS.split())
"""Suppliers of many companies; a component of that name is none."""
