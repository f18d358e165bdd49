from gateway.store import Base
from vereda.migrations import run_environment

run_environment(Base.metadata)
