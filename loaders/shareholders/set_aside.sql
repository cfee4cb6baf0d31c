-- Why a line is not used: a fault of the source each time.
SELECT _record, aside AS reason, true AS rejected FROM holders WHERE aside IS NOT NULL
