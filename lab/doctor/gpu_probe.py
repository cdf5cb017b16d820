"""Ask the NVIDIA driver for its GPUs, and run a kernel of one thread on each; print what happened as JSON.

The doctor runs this file as a process of its own: a broken driver may hang or end the process that
asks, and a GPU once asked keeps a few hundred megabytes for that process. It imports nothing of the lab.
"""

import ctypes
import json
import sys
import warnings
from typing import Any

LIBRARIES = ("nvcuda.dll",) if sys.platform == "win32" else ("libcuda.so.1", "libcuda.so")
NO_DEVICE = 100  # CUDA_ERROR_NO_DEVICE
MAJOR, MINOR = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, _MINOR


def probe() -> dict[str, Any]:
    """The driver's version (None: no driver), its error if it has one, and the GPUs with what each kernel gave."""
    driver = load_driver()
    if driver is None:
        return {"driver": None, "error": "", "gpus": []}
    code, number = driver.cuInit(0), ctypes.c_int(0)
    driver.cuDriverGetVersion(ctypes.byref(number))
    report: dict[str, Any] = {"driver": f"{number.value // 1000}.{number.value % 1000 // 10}", "error": "", "gpus": []}
    if code not in (0, NO_DEVICE):
        report["error"] = f"cuInit gives {code}, {error_text(driver, code)}"
    if code == 0:
        report["gpus"] = describe(driver)
    if report["gpus"]:
        report |= run_kernels(len(report["gpus"]))
    return report


def load_driver() -> Any:
    """The driver's library, or None."""
    for name in LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def error_text(driver: Any, code: int) -> str:
    text = ctypes.c_char_p()
    driver.cuGetErrorString(code, ctypes.byref(text))
    return (text.value or b"an unknown error").decode()


def describe(driver: Any) -> list[dict[str, Any]]:
    """Name, memory in bytes and compute capability of every GPU."""
    count = ctypes.c_int(0)
    driver.cuDeviceGetCount(ctypes.byref(count))
    gpus = []
    for index in range(count.value):
        device, memory = ctypes.c_int(0), ctypes.c_size_t(0)
        major, minor = ctypes.c_int(0), ctypes.c_int(0)
        name = ctypes.create_string_buffer(256)
        driver.cuDeviceGet(ctypes.byref(device), index)
        driver.cuDeviceGetName(name, len(name), device)
        driver.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
        driver.cuDeviceGetAttribute(ctypes.byref(major), MAJOR, device)
        driver.cuDeviceGetAttribute(ctypes.byref(minor), MINOR, device)
        gpus.append({"name": name.value.decode(), "memory": memory.value, "capability": f"{major.value}.{minor.value}"})
    return gpus


def run_kernels(count: int) -> dict[str, Any]:
    """The version of the toolkit, and for every GPU "" or why its kernel failed."""
    try:
        import numba
        from numba import cuda
    except Exception as error:
        return {"toolkit": None, "failures": [one_line(error)] * count, "numba_cuda": None}
    return {
        "toolkit": toolkit(cuda),
        "numba_cuda": getattr(cuda, "__version__", None) or f"within numba {numba.__version__}",
        "failures": [failure(cuda, index) for index in range(count)],
    }


def toolkit(cuda: Any) -> str | None:
    try:
        return ".".join(map(str, cuda.runtime.get_version()))
    except Exception:
        return None


def failure(cuda: Any, index: int) -> str:
    """Compile a kernel for a GPU, run one thread of it, and look at what it wrote."""
    import numpy as np

    def write(out):
        out[0] = 42

    try:
        with cuda.gpus[index]:
            out = cuda.to_device(np.zeros(1, np.int32))
            cuda.jit(write)[1, 1](out)
            written = int(out.copy_to_host()[0])
    except Exception as error:
        return one_line(error)
    return "" if written == 42 else f"the kernel wrote {written} instead of 42"


def one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}"


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # one thread is slow, says numba
    print(json.dumps(probe()))
