#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""spdx.py OUT VERSION NAME=VERSION...: an SPDX 2.3 document of the program and the libraries it was built with.

SOURCE_DATE_EPOCH gives the time; without it the document says 1970, so that the same build gives the same bytes.
"""
import datetime
import hashlib
import json
import os
import sys

LICENSES = {
    "libarchive": "BSD-2-Clause", "libzstd": "BSD-3-Clause", "libxxhash": "BSD-2-Clause", "libudfread": "LGPL-2.1-or-later", "zlib": "Zlib",
    "liblzma": "0BSD", "liblz4": "BSD-2-Clause", "libfuse3": "LGPL-2.1-only", "CLI11": "BSD-3-Clause", "nlohmann_json": "MIT",
}


def package(name, version, license_id):
    return {"SPDXID": f"SPDXRef-{name.replace('_', '-')}", "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": license_id, "copyrightText": "NOASSERTION"}


def main(out, version, libraries):
    packages = [package("sysb", version, "Apache-2.0")]
    relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-sysb"}]
    for name, its_version in libraries:
        packages.append(package(name, its_version, LICENSES.get(name, "NOASSERTION")))
        relations.append({"spdxElementId": "SPDXRef-sysb", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": packages[-1]["SPDXID"]})
    when = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.timezone.utc)
    body = {"packages": packages, "relationships": relations}
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    document = {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"sysb-{version}",
                "documentNamespace": f"https://sysb.invalid/spdx/{digest}",
                "creationInfo": {"created": when.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: packaging/spdx.py"]}, **body}
    with open(out, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], [word.split("=", 1) for word in sys.argv[3:]])
