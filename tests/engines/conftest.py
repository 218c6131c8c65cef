"""Each engine is started once for all tests of a process."""

import shutil

import pytest

from tests.engines.engines import ENGINES


def param(engine):
    missing = [program for program in engine.programs if not shutil.which(program)]
    reason = f"{' and '.join(missing)} missing: apt-get install {engine.install}"
    mark = pytest.mark.skipif(bool(missing), reason=reason)
    return pytest.param(engine, id=engine.__name__, marks=mark)


@pytest.fixture(scope="session", params=map(param, ENGINES))
def engine(request, tmp_path_factory):
    engine = request.param(tmp_path_factory.mktemp("engine"), request)
    yield engine
    engine.close()
