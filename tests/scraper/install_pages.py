"""The page about installing with pip as tests write it, as Markdown or as HTML; figures made up."""

from collections.abc import Mapping

SAID = {
    "gpus": "5.0, 6.0, 8.0",
    "python": "3.9\u20133.11",
    "linux": "525.60",
    "wsl": "528.33",
    "cuda": "12.2",
    "cudnn": "8.9.4",
    "ubuntu": "16.04",
    "macos": "12.0 (Monterey)",
    "pip": "19.0",
    "pip_macos": "20.3",
    "windows": "2.10",
}


def markdown(**said: str) -> str:
    """Return the page as its source has it, other pages' headings around it."""
    words: Mapping[str, str] = {**SAID, **said}
    return """
# Install with pip

```bash
# Python 3.1-3.2
```

## Hardware requirements

The following are supported:

*   NVIDIA\u00ae GPU card with CUDA\u00ae architectures {gpus} and
    higher. See the list of [cards](https://example.com/cuda-gpus).

## System requirements

*   Ubuntu {ubuntu} or higher (64-bit)
*   macOS {macos} or higher (64-bit) *(no GPU support)*
*   Windows Native - Windows 7 or higher (64-bit) *(no GPU support after TF {windows})*

## Software requirements

*   Python {python}
*   pip version {pip} or higher for Linux (requires `manylinux2014` support) and
    Windows. pip version {pip_macos} or higher for macOS.

The following NVIDIA\u00ae software are only required for GPU support.

*   [NVIDIA\u00ae GPU drivers](https://example.com/drivers){{:.external}}
    * >= {linux} for Linux
    * >= {wsl} for WSL on Windows
*   [CUDA\u00ae Toolkit {cuda}](https://example.com/cuda).
*   [cuDNN SDK {cudnn}](https://example.com/cudnn).

## Step-by-step instructions

Ubuntu 99.04 or higher. Note: Requires Python 3.1-3.2, and CUDA Toolkit 1.1.
""".format(**words)


def page(**said: str) -> str:
    """Return the page as the web has it."""
    words: Mapping[str, str] = {**SAID, **said}
    return """<!doctype html>
<html lang=en><head><title>Install</title><script>"Python 3.1-3.2"</script></head><body>
<h1>Install with pip</h1><p>Python 3.1-3.2</p>
<h2 id="hardware_requirements" data-text="Hardware requirements">Hardware requirements</h2>
<ul><li>NVIDIA\u00ae GPU card with CUDA\u00ae architectures {gpus} and
higher. See the list of <a href="https://example.com">cards</a>.</li></ul>
<h2 id="system_requirements">System requirements</h2>
<ul><li>Ubuntu {ubuntu} or higher (64-bit)</li>
<li>macOS {macos} or higher (64-bit) <em>(no GPU support)</em></li>
<li>Windows Native - Windows 7 or higher (64-bit)
<em>(no GPU support after TF {windows})</em></li></ul>
<h2 id="software_requirements">Software requirements</h2>
<ul><li>Python {python}</li><li>pip version {pip} or higher for Linux
(requires <code>manylinux2014</code> support) and Windows.
pip version {pip_macos} or higher for macOS.</li></ul>
<p>The following NVIDIA\u00ae software are only required for GPU support.</p>
<ul><li><a href="https://example.com/drivers">NVIDIA\u00ae GPU drivers</a>
<ul><li>&gt;= {linux} for Linux</li><li>&gt;= {wsl} for WSL on Windows</li></ul></li>
<li><a href="https://example.com/cuda">CUDA\u00ae Toolkit {cuda}</a>.</li>
<li><a href="https://example.com/cudnn">cuDNN SDK {cudnn}</a>.</li></ul>
<h2>Step-by-step instructions</h2><h3>1. System requirements</h3><p>Ubuntu 99.04 or higher</p>
</body></html>
""".format(**words)
