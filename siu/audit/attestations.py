"""What a certificate says in the forms that other tools read: test-result, provenance, bill of materials.

They say less than the certificate, whose statement they are made of, and nothing else.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from siu.audit.dsse import STATEMENT

TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
PROVENANCE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:siu:release:1"
BUILDER = "urn:siu:self-signed"
"""Who signs is who builds, so no level of SLSA is claimed."""
BOM_VERSION = "1.6"


def test_result(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """Return the verdict of a certificate as a statement of in-toto's test-result v0.1: gates by name."""
    return _statement(certificate, TEST_RESULT, dict(certificate["predicate"]["testResult"]))


def provenance(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """Return of what and by what a certificate's release was made, as SLSA's provenance v1."""
    predicate = certificate["predicate"]
    process, release = predicate["process"], predicate["release"]
    base = process["base_model"]
    made_of = [
        {"name": "base model", "uri": _uri(base), "digest": {"sha256": base["digest"]}},
        {"name": "installed distributions", "digest": {"sha256": process["lock"]}},
    ]
    if process.get("parameters"):
        made_of.append({"name": "parameters", "digest": {"sha256": process["parameters"]}})
    if process.get("code"):
        made_of.append({"name": "siu", "digest": {"gitCommit": process["code"]}})
    definition = {
        "buildType": BUILD_TYPE,
        "externalParameters": {
            key: release[key] for key in ("plan", "requests", "previous") if key in release
        },
        "internalParameters": {"steps": process["steps"]},
        "resolvedDependencies": made_of,
    }
    name, _, version = process["software"].partition(" ")
    details = {
        "builder": {"id": BUILDER, "version": {name: version}},
        "metadata": {"invocationId": process["batch"]},
    }
    return _statement(certificate, PROVENANCE, {"buildDefinition": definition, "runDetails": details})


def bill_of_materials(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """Return a CycloneDX ML-BOM of a certificate's release: adapter, base model, what was measured, limits.

    It has no time, and its serial number is made of the plan: the same release has the same bytes.
    """
    predicate = certificate["predicate"]
    process, plan = predicate["process"], predicate["release"]["plan"]
    base = process["base_model"]
    of_base = _base_component(base)
    adapter = {
        "type": "machine-learning-model",
        "bom-ref": plan,
        "name": f"release {plan[:12]}",
        "version": plan[:12],
        "description": "A LoRA adapter that unlearns visual recognition of what its requests name.",
        "pedigree": {"ancestors": [{key: of_base[key] for key in of_base if key != "bom-ref"}]},
        "components": [
            {
                "type": "file",
                "name": file["name"],
                "hashes": [{"alg": "SHA-256", "content": file["digest"]["sha256"]}],
            }
            for file in certificate["subject"]
        ],
        "modelCard": _model_card(predicate),
    }
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{BOM_VERSION}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": BOM_VERSION,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:siu:{plan}')}",
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": process["software"]}]},
            "component": adapter,
        },
        "components": [of_base],
        "dependencies": [{"ref": plan, "dependsOn": [f"base-{base['digest']}"]}],
    }


def _model_card(predicate: Mapping[str, Any]) -> dict[str, Any]:
    rows = [row for row in predicate["effect"] if row["after"] is not None]
    metrics = []
    for row in rows:
        metric = {"type": row["metric"], "value": str(row["after"]), "slice": "one request, after unlearning"}
        if row["interval_after"]:
            low, high = row["interval_after"]
            metric["confidenceInterval"] = {"lowerBound": str(low), "upperBound": str(high)}
        metrics.append(metric)
    return {
        "modelParameters": {"task": "image-text-to-text", "modelArchitecture": "LoRA adapter"},
        "quantitativeAnalysis": {"performanceMetrics": metrics},
        "considerations": {"technicalLimitations": list(predicate["limits"])},
    }


def _base_component(base: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "machine-learning-model",
        "bom-ref": f"base-{base['digest']}",
        "name": str(base["source"]),
        "version": str(base.get("revision") or base["digest"][:12]),
        "hashes": [{"alg": "SHA-256", "content": base["digest"]}],
    }


def _statement(certificate: Mapping[str, Any], kind: str, predicate: dict[str, Any]) -> dict[str, Any]:
    return {
        "_type": STATEMENT,
        "subject": certificate["subject"],
        "predicateType": kind,
        "predicate": predicate,
    }


def _uri(base: Mapping[str, Any]) -> str:
    revision = f"@{base['revision']}" if base.get("revision") else ""
    return f"urn:siu:base-model:{base['source']}{revision}"
