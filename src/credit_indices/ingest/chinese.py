"""Convert traditional Chinese and Japanese characters of known words to simplified ones.

Characters are converted only where texts are compared: 單位, 萬 and 億 become 单位, 万 and 亿.
Names of the catalog are converted in the same way.
"""

_PAIRS = """
單单 単单 萬万 億亿 圓圆 個个 戶户 戸户 臺台 條条 種种 項项 輛辆 噸吨 畝亩 頃顷 計计 貨货
幣币 價价 額额 歐欧 鎊镑 韓韩 總总 數数 區区 級级 縣县 県县 鄉乡 鎮镇 農农 業业 員员 別别
類类 報报 訂订 預预 測测 標标 準准 歸归 滯滞 後后 對对 対对 長长 減减 環环 較较 佔占 動动
變变 開开 發发 発发 規规 暫暂 來来 資资 據据 庫库 時时 間间 導导 載载 製制 詢询 註注 備备
說说 説说 圖图 図图 續续 続续 審审 號号 東东 華华 陝陕 龍龙 蘇苏 貴贵 雲云 肅肃 寧宁 灣湾
門门 廣广 島岛 濟济 瀋沈 慶庆 鄭郑 無无 詳详 國国 財财 勞劳 實实 現现 當当 經经 機机 構构
產产 産产 專专 權权 請请 術术 場场 電电 話话 網网 絡络 寬宽 頻频 銀银 貸贷 損损 證证 險险
學学 衛卫 療疗 醫医 屬属 歷历 歴历 積积 淨净 調调 進进 與与 從从 爲为 為为 於于 將将 換换
曆历 歲岁 齡龄 處处 萊莱 鋼钢 鐵铁 増增 値值 総总 糧粮 畫画 層层 併并 倉仓 儲储 貿贸 關关
稅税 債债 務务 賬账 帳账 購购 買买 賣卖 銷销 營营 運运 鋪铺 線线 縮缩 離离 鄰邻 潔洁 設设
協协
"""
_SIMPLE = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})


def simplified(text: str) -> str:
    """Return a text with the traditional characters of known words simplified."""
    return text if text.isascii() else text.translate(_SIMPLE)
