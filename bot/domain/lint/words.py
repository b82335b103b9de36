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
    "4xx": "errors",
    "500s": "errors",
    "503s": "errors",
    "5xx": "errors",
    "back-end": "our systems",
    "backend": "our systems",
    "blast radius": "who is affected",
    "cluster": "group of servers",
    "clusters": "groups of servers",
    "cron job": "a scheduled task",
    "degraded experience": "slow or failing requests",
    "downstream": "one of our systems",
    "elevated error rates": "more errors than usual",
    "elevated errors": "more errors than usual",
    "failed over": "switched to a spare system",
    "failover": "since we switched to a spare system",
    "hotfix": "fix",
    "impacted": "affected",
    "impacting": "affecting",
    "ingress": "our servers",
    "k8s": "our servers",
    "kafka": "our internal messages",
    "kubernetes": "our servers",
    "latencies": "slow answers",
    "latency": "slow answers",
    "leverage": "use",
    "load balancer": "our servers",
    "load balancers": "our servers",
    "misconfiguration": "a wrong setting",
    "mitigate": "limit the harm",
    "mitigated": "limited",
    "mitigation": "a measure that limits the harm",
    "mitigations": "measures that limit the harm",
    "mysql": "our database",
    "nginx": "our servers",
    "node": "server",
    "nodes": "servers",
    "oom": "a lack of memory",
    "p50": "usual waiting time",
    "p95": "longest waiting times",
    "p99": "longest waiting times",
    "pod": "server",
    "pods": "servers",
    "postgres": "our database",
    "postgresql": "our database",
    "rabbitmq": "our internal messages",
    "redis": "our data storage",
    "regression": "a fault in a change",
    "replica": "copy",
    "replicas": "copies",
    "rollback": "we took the change back",
    "rolled back": "took the change back",
    "rolling back": "taking the change back",
    "shard": "part of our data storage",
    "shards": "parts of our data storage",
    "throughput": "how much gets through",
    "upstream": "one of our systems",
}
"""Our words -> what to write instead."""
