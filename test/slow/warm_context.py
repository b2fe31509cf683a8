"""Puts RO-Crate's JSON-LD context, as the package `rocrate` carries it, into the validator's HTTP cache: it then needs no network.

usage: warm_context.py CACHE
"""

import sys
from importlib.metadata import files
from io import BytesIO

import requests
from requests_cache import CachedSession
from urllib3 import HTTPResponse

URL = "https://w3id.org/ro/crate/1.1/context"

context = next(file for file in files("rocrate") if file.name == "ro-crate.jsonld").read_binary()
assert URL.encode() in context[:200], "another version of the context"
session = CachedSession(cache_name=sys.argv[1], backend="sqlite", expire_after=-1)
request = requests.Request("GET", URL, headers={"Accept": "application/ld+json, application/json"}).prepare()
adapter = requests.adapters.HTTPAdapter()
raw = HTTPResponse(
    body=BytesIO(context),
    headers={"Content-Type": "application/ld+json"},
    status=200,
    preload_content=False,
    request_url=URL,
)
session.cache.save_response(adapter.build_response(request, raw))
