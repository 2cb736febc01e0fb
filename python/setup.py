"""Builds the module with CMake, and puts it into the package with the catalogs and the libraries it needs."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
# What no machine without development packages has; the rest is in every distribution.
BUNDLED = ("libfmt", "libyaml-cpp", "libsimdjson")


def version():
    return re.search(r"project\(blis VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]


class CMakeBuild(build_ext):
    def build_extension(self, extension):
        build = pathlib.Path(os.environ.get("BLISIM_BUILD") or ROOT / "build" / "wheel")
        if not os.environ.get("BLISIM_BUILD"):
            subprocess.run(
                ["cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DBLIS_UNITY=ON",
                 "-DBLIS_BUILD_TESTS=OFF", "-DBLIS_PYTHON=ON", f"-DPYTHON_EXECUTABLE={sys.executable}"],
                check=True)
            subprocess.run(["cmake", "--build", build, "--target", "blisim_core"], check=True)
        module = next((build / "python" / "blisim").glob("_core*.so"))
        package = pathlib.Path(self.get_ext_fullpath(extension.name)).resolve().parent
        package.mkdir(parents=True, exist_ok=True)
        shutil.copy2(module, self.get_ext_fullpath(extension.name))
        needed = subprocess.run(["ldd", module], check=True, capture_output=True, text=True).stdout
        for name, path in re.findall(r"(\S+) => (\S+)", needed):
            if name.startswith(BUNDLED):
                shutil.copy2(os.path.realpath(path), package / name)
        data = package / "data"
        shutil.copytree(ROOT / "model_configs", data / "model_configs", dirs_exist_ok=True)
        for file in ("hardware_config.json", "accuracy_bands.json"):
            shutil.copy2(ROOT / file, data / file)
        shutil.copy2(ROOT / "LICENSE", package / "LICENSE")


setup(
    version=version(),
    ext_modules=[Extension("blisim._core", sources=[])],
    cmdclass={"build_ext": CMakeBuild},
    package_data={"blisim": ["py.typed", "*.pyi"]},
)
